"""Stock: the campaigns that some cases may be of; read once, changed in memory, written once.

What a step needs of the database is asked for all its cases together, so that a case costs few
statements; and nothing that is read or written grows with the campaign or with their number.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from complaints.models import RelayedMessage
from incidents.grouping import case as cases
from incidents.grouping import profile as profiles
from incidents.grouping.candidates import MOST_KNOWN, known_by
from incidents.grouping.case import Case
from incidents.grouping.decision import Known
from incidents.grouping.profile import Profile
from incidents.grouping.rarity import Rarity
from incidents.grouping.values import ALL, Pair, Values
from incidents.models import Campaign, CampaignProfile, Placement

# Some of the nearest may be of closed incidents, or gone.
NEAREST = 3 * MOST_KNOWN
# A profile that is made anew is made from the latest cases; of more of them it would be the same.
MOST_CASES = 1000


def pairs_of(case: Case) -> list[Pair]:
    """Each (trait, value) of a case."""
    return [(kind, value) for kind, values in case.traits.items() for value in values]


class Stock:
    """Campaigns with their profiles, and the index by which a case finds them."""

    def __init__(self) -> None:
        self.values = Values()
        self._campaigns: dict[int, Campaign] = {}
        self._gone: set[int] = set()
        self._profiles: dict[int, Profile] = {}
        self._holding: dict[int, set[int]] = {}
        self._changed: set[int] = set()
        self._placements: list[Placement] = []
        self._links: list[tuple[int, int]] = []

    def read(self, wanted: Sequence[Case], messages: Iterable[RelayedMessage] = ()) -> None:
        """Read at once all that is needed to compare these cases."""
        self.values.load({pair for case in wanted for pair in pairs_of(case)})
        self._read_holding(messages)
        nearest = {number for case in wanted for number in self._nearest(case)[:MOST_KNOWN]}
        self._read_campaigns(nearest | {one for ones in self._holding.values() for one in ones})
        self._read_profiles(nearest)

    def rarity(self, case: Case) -> Rarity:
        """In how many campaigns each value of the case occurs."""
        pairs = pairs_of(case)
        self.values.load(pairs)
        return self.values.rarity(pairs)

    def known(
        self,
        case: Case,
        messages: Sequence[RelayedMessage] = (),
        *,
        unless: Callable[[Campaign], bool] = lambda _: False,
    ) -> list[Known]:
        """The campaigns that share the rarest values of a case.

        messages  that the case is linked to: campaigns that hold one come first
        unless    which campaigns are not meant
        """
        self._read_holding(messages)
        holding = {one for row in messages for one in self._holding[row.pk]}
        numbers = list(dict.fromkeys([*sorted(holding), *self._nearest(case)]))
        self._read_campaigns(numbers)
        meant = [
            number
            for number in numbers
            if (row := self._campaigns.get(number)) is not None
            and row.merged_into_id is None
            and not unless(row)
        ][: MOST_KNOWN + len(holding)]
        self._read_profiles(meant)
        found = [Known(one, self._profiles[one], one in holding) for one in meant]
        return [one for one in found if one.profile.cases]

    def campaign(self, number: int) -> Campaign:
        """One campaign: the same object for all who ask."""
        self._read_campaigns([number])
        return self._campaigns[number]

    def profile(self, campaign: Campaign) -> Profile:
        """Its counts, as far as cases were counted in or out."""
        self._read_profiles([campaign.pk])
        return self._profiles[campaign.pk]

    def look_up(self, numbers: Collection[int]) -> None:
        """Read campaigns with their counts at once, before each is asked for."""
        self._read_campaigns(numbers)
        self._read_profiles(numbers)

    def let_go(self, campaign: Campaign, case: Case) -> None:
        """Forget that a campaign has the messages of a case that was counted out.

        Unless others tell of them: another complaint, or the log.
        """
        profile = self.profile(campaign)
        if profile.cases == profile.told:
            for number in case.has(cases.Trait.MESSAGE):
                if not profile.count(cases.Trait.MESSAGE, number):
                    self._holding.get(int(number), set()).discard(campaign.pk)

    def take_back(self, campaign: Campaign, case: Case) -> None:
        """A campaign has the messages of a case that was counted in again."""
        for number in case.has(cases.Trait.MESSAGE):
            if int(number) in self._holding:
                self._holding[int(number)].add(campaign.pk)

    def count_anew(self, numbers: Collection[int]) -> None:
        """Make sure that campaigns have their counts, whatever version they were of."""
        self._read_campaigns(numbers)
        self._read_profiles(numbers)
        self._changed.update(numbers)

    def open(self, title: str, **like: Any) -> Campaign:
        """A new campaign, in no incident.

        like  what its row has of another that it is like: `continues`, `resembles` and its why
        """
        campaign = Campaign.objects.create(title=title, **like)
        self._campaigns[campaign.pk] = campaign
        self._profiles[campaign.pk] = Profile()
        self.values.add([ALL], campaign.pk)
        return campaign

    def count_in(self, campaign: Campaign, case: Case) -> None:
        """Count a case into its campaign, for the next one that comes."""
        new, gone = self.profile(campaign).add(case)
        self.values.add(new, campaign.pk)
        self.values.remove(gone, campaign.pk)
        self._changed.add(campaign.pk)

    def count_out(self, campaign: Campaign, case: Case) -> None:
        """Count a case out of its campaign."""
        self.values.remove(self.profile(campaign).remove(case), campaign.pk)
        self._changed.add(campaign.pk)

    def put(self, placement: Placement, messages: Sequence[RelayedMessage]) -> None:
        """A new placement, and the messages that its campaign has by it."""
        self._placements.append(placement)
        if placement.campaign is None:
            return
        for message in messages:
            holding = self._holding.setdefault(message.pk, set())
            if placement.campaign.pk not in holding:
                holding.add(placement.campaign.pk)
                self._links.append((placement.campaign.pk, message.pk))

    def unite(self, campaign: Campaign, other: Campaign) -> None:
        """The counts of the other are those of the first from now on."""
        kept, gone = self.profile(campaign), self.profile(other)
        before, theirs = kept.pairs(), gone.pairs()
        kept.take_in(gone)
        self.values.remove([*theirs, ALL], other.pk)
        self.values.add(kept.pairs() - before, campaign.pk)
        self.values.remove(before - kept.pairs(), campaign.pk)
        self._profiles[other.pk] = Profile()
        self._changed |= {campaign.pk, other.pk}
        for holding in self._holding.values():
            if other.pk in holding:
                holding.discard(other.pk)
                holding.add(campaign.pk)

    def forget(self, campaign: Campaign) -> None:
        """A campaign that is no more."""
        self.values.remove([*self.profile(campaign).pairs(), ALL], campaign.pk)
        self._changed.discard(campaign.pk)
        self._campaigns.pop(campaign.pk, None)
        self._gone.add(campaign.pk)
        self._profiles.pop(campaign.pk, None)

    def write(self) -> None:
        """Write all that has changed since it was read."""
        Placement.objects.bulk_create(self._placements)
        links = Campaign.messages.through
        links.objects.bulk_create(
            (links(campaign_id=one, relayedmessage_id=message) for one, message in self._links),
            ignore_conflicts=True,
        )
        changed = sorted(self._changed)
        CampaignProfile.objects.bulk_create(
            [
                CampaignProfile(
                    campaign_id=one, data=self._profiles[one].to_json(), version=profiles.VERSION
                )
                for one in changed
            ],
            update_conflicts=True,
            unique_fields=["campaign"],
            update_fields=["data", "version"],
        )
        self._write_shown(changed)
        self.values.write()
        self._placements, self._links, self._changed = [], [], set()

    def _write_shown(self, changed: list[int]) -> None:
        """What a person is shown; it changes less and less."""
        other = []
        for number in changed:
            campaign = self.campaign(number)
            shown = [list(pair) for pair in self._profiles[number].shown()]
            if campaign.shown != shown:
                campaign.shown = shown
                other.append(campaign)
        if other:
            Campaign.objects.bulk_update(other, ["shown"])

    def _nearest(self, case: Case) -> list[int]:
        pairs = pairs_of(case)
        rarity = self.rarity(case)
        having = {pair: found for pair, found in self.values.having(pairs).items() if found}
        return known_by(having, rarity, most=NEAREST)

    def _read_holding(self, messages: Iterable[RelayedMessage]) -> None:
        keys = {row.pk for row in messages} - self._holding.keys()
        if not keys:
            return
        found: dict[int, set[int]] = defaultdict(set)
        rows = Campaign.messages.through.objects.filter(relayedmessage__in=keys)
        for message, campaign in rows.values_list("relayedmessage_id", "campaign_id"):
            found[message].add(campaign)
        self._holding.update((key, found[key]) for key in keys)

    def _read_campaigns(self, numbers: Iterable[int]) -> None:
        missing = set(numbers) - self._campaigns.keys() - self._gone
        if missing:
            rows = Campaign.objects.select_related("incident").in_bulk(missing)
            self._campaigns.update(rows)
            self._gone |= missing - rows.keys()

    def _read_profiles(self, numbers: Iterable[int]) -> None:
        missing = set(numbers) - self._profiles.keys()
        if missing:
            rows = CampaignProfile.objects.filter(campaign__in=missing, version=profiles.VERSION)
            for row in rows:
                self._profiles[row.campaign_id] = profiles.from_json(row.data)
            self._make_anew(missing - self._profiles.keys())

    def _make_anew(self, numbers: set[int]) -> None:
        """Profiles that an earlier version of the program made, or none: from the cases."""
        if not numbers:
            return
        for number in numbers:
            self._profiles[number] = Profile()
        standing = Campaign.objects.filter(pk__in=numbers, merged_into=None)
        for campaign in standing.values_list("pk", flat=True):
            profile = self._profiles[campaign]
            placed = Placement.objects.filter(campaign=campaign).exclude(case={})
            for placement in placed.order_by("-pk")[:MOST_CASES]:
                profile.add(cases.from_json(placement.key, placement.case))
            self.values.add([*profile.pairs(), ALL], campaign)
            self._changed.add(campaign)
