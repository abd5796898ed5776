"""The app of what came in."""

import gc

from django.apps import AppConfig

# A batch of complaints makes a hundred thousand objects, nearly none of them in a ring. Looked
# through after each 700, as Python begins with, they cost a third of the walk; the rest of the
# time nothing is gained by it either. (New objects, then how many rounds of the young and middle.)
LOOK_FOR_RINGS_AFTER = (50_000, 20, 50)


class ComplaintsConfig(AppConfig):
    """What came in, and which mail it is about."""

    name = "complaints"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks, which Django asks for by import; set how often garbage is sought."""
        from complaints import checks  # noqa: F401 (registers itself)

        gc.set_threshold(*LOOK_FOR_RINGS_AFTER)
