"""PURE: how much each fact weighs, in one table. Learned by `manage.py linking learn`.

A weight is a log-likelihood ratio in nats: how much more often the fact is seen where the message
is meant than where it is not. The sum over the facts of a message is set against those of all
others in question and against `nothing fits`, the odds that none of them is meant.
"""

VERSION = "2"
NOTHING_FITS = "nothing fits"

WEIGHTS: dict[str, float] = {
    NOTHING_FITS: 4.4,
    # What names a message by itself.
    "message-id": 8.0,
    "message-id shared": 4.5,
    "message-id masked": 4.0,
    "message-id differs": -3.2,
    "message-id of the receiving side": 3.0,
    "message-id not logged": -0.5,
    "queue-id": 10.0,
    "queue-id without time": 5.0,
    "queue-id, clocks apart": 4.0,
    "queue-id on another day": -3.0,
    "other queue-id": -4.2,
    "their queue-id": 9.0,
    "our stamp": 6.0,
    "our stamp within a minute": 2.5,
    "our stamp differs": -3.0,
    "came from elsewhere": -6.2,
    "no mail is complained of": -4.0,
    # From whom it came.
    "client": 4.8,
    "client differs": -2.5,
    "our host named": 1.5,
    "another host of ours named": -2.0,
    "sender": 3.5,
    "sender differs": -1.5,
    "author": 1.6,
    "author differs": -0.5,
    # To whom it went.
    "recipient": 6.0,
    "recipient by its token": 4.5,
    "recipient apart from its tag": 4.0,
    "recipient called by name": 3.5,
    "recipient's domain": 1.2,
    "recipient differs": -4.1,
    "reporter is recipient": 5.9,
    "reporter is of a recipient's domain": 0.5,
    "for us": -2.0,
    "relayed for a stranger": 1.5,
    # When.
    "time to the second": 4.6,
    "time to the minute": 2.0,
    "time to the quarter": 0.5,
    "time but for the zone": 0.0,
    "time but for a zone not stated": 0.3,
    "on the stated day": 0.3,
    "time on the day": -1.0,
    "time differs": -2.0,
    "after the complaint": -8.0,
    "within a day before the complaint": 0.4,
    "within three days before the complaint": 0.3,
    "long before the complaint": -1.5,
    # What it said.
    "subject": 3.4,
    "the only one of its subject": 1.0,
    "subject in part": 1.5,
    "subject differs": -4.0,
    "subject of the sender's campaign": 1.0,
    "not a subject of the sender's campaign": -1.2,
    "feedback-id of the sender's campaign": 2.5,
    "size": 0.5,
    # What else there is.
    "complained of": 1.3,
    "complained of often": 3.6,
    "from us": -2.5,
    "from the desk": -8.0,
    "the only one": 2.3,
}
