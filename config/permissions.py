"""Who somebody is and what they may do, by one query: Django asks for each by itself."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission, User
from django.db.models import OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Concat


class _Joined(Subquery):
    """The texts of a query in one, with spaces between."""

    template = "(SELECT STRING_AGG(one, ' ') FROM (%(subquery)s) several)"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        """SQLite calls it by another name."""
        template = self.template.replace("STRING_AGG", "GROUP_CONCAT")
        return self.as_sql(compiler, connection, template=template)


class OneQueryBackend(ModelBackend):
    """Django's sign-in by name and password; permissions are kept on the user for one request."""

    def get_user(self, user_id: int) -> User | None:
        """The user of a session, who knows already what they may do."""
        held = Permission.objects.filter(
            Q(user=OuterRef("pk")) | Q(group__user=OuterRef("pk")),
        )
        names = Concat("content_type__app_label", Value("."), "codename")
        told = _Joined(held.order_by().annotate(one=names).values("one").distinct())
        user: Any = User.objects.annotate(may=told).filter(pk=user_id).first()
        if user is None or not self.user_can_authenticate(user):
            return None
        if not user.is_superuser:
            user._perm_cache = set((user.may or "").split())
        return user  # type: ignore[no-any-return]

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """`app.codename` of all that a user may do; none on single rows."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if user_obj.is_superuser:
            return super().get_all_permissions(user_obj)
        if not hasattr(user_obj, "_perm_cache"):
            held = Permission.objects.filter(Q(user=user_obj) | Q(group__user=user_obj))
            pairs = held.order_by().values_list("content_type__app_label", "codename").distinct()
            user_obj._perm_cache = {f"{app}.{codename}" for app, codename in pairs}
        return set(user_obj._perm_cache)
