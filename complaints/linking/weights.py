"""PURE: how much each fact weighs, in one table. Learned by `manage.py linking learn`.

A weight is a log-likelihood ratio in nats: how much more often the fact is seen where the message
is meant than where it is not. The sum over the facts of a message is set against those of all
others in question and against `nothing fits`, the odds that none of them is meant. Version 3 was
learned from two simulated worlds (docs/linking.md); a fact that they never show kept its weight.
"""

VERSION = "3"
NOTHING_FITS = "nothing fits"

WEIGHTS: dict[str, float] = {
    NOTHING_FITS: 4.4,
    # What names a message by itself.
    "message-id": 8.5,
    "message-id shared": 4.5,
    "message-id masked": 4.0,
    "message-id differs": -2.6,
    "message-id of the receiving side": 3.1,
    "message-id not logged": -0.5,
    "queue-id": 10.0,
    "queue-id without time": 5.0,
    "queue-id, clocks apart": 4.0,
    "queue-id on another day": -3.0,
    "other queue-id": -4.0,
    "their queue-id": 9.0,
    "our stamp": 6.0,
    "our stamp within a minute": 2.5,
    "our stamp differs": -3.0,
    "came from elsewhere": -5.6,
    "no mail is complained of": -4.3,
    # From whom it came.
    "client": 3.6,
    "client differs": -2.4,
    "our host named": 1.7,
    "another host of ours named": -2.0,
    "sender": 3.5,
    "sender differs": -0.9,
    "author": 1.7,
    "author differs": -0.5,
    # To whom it went.
    "recipient": 6.0,
    "recipient by its token": 4.5,
    "recipient apart from its tag": 4.0,
    "recipient called by name": 3.5,
    "recipient's domain": 1.4,
    "recipient differs": -4.1,
    "reporter is recipient": 6.4,
    "reporter is of a recipient's domain": 0.3,
    "for us": -2.0,
    "relayed for a stranger": 0.5,
    # When.
    "time to the second": 4.4,
    "time to the minute": 2.1,
    "time to the quarter": 0.6,
    "time but for the zone": 0.1,
    "time but for a zone not stated": 0.1,
    "on the stated day": 0.0,
    "time on the day": -1.1,
    "time differs": -1.5,
    "after the complaint": -8.0,
    "within a day before the complaint": 0.0,
    "within three days before the complaint": 0.0,
    "long before the complaint": -1.8,
    # What it said.
    "subject": 3.3,
    "the only one of its subject": 1.7,
    "subject in part": 0.7,
    "subject differs": -3.9,
    "subject of the sender's campaign": 0.8,
    "not a subject of the sender's campaign": -1.1,
    "feedback-id of the sender's campaign": 2.5,
    "size": 0.5,
    # What else there is.
    "complained of": 1.5,
    "complained of often": 2.2,
    "from us": -3.2,
    "from the desk": -8.0,
    "the only one": 1.5,
}
