import uuid
from typing import Any, ClassVar, Final

from django.contrib.auth import hashers
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core import processors
from core.texts import password_forms, prepare_password

# The longest address that SMTP can carry (RFC 5321, section 4.5.3.1.3, less the brackets).
MAX_EMAIL_LENGTH: Final = 254
MAX_NAME_LENGTH: Final = 150
MAX_ISSUER_LENGTH: Final = 255


def new_user_id() -> str:
    return str(uuid.uuid4())


class LowercaseEmailField(models.EmailField):  # type: ignore[type-arg] # not subscriptable at run time
    """Stored and compared in lower case, whichever door the address came through."""

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(value.lower() if isinstance(value, str) else value)


class UserManager(BaseUserManager["User"]):
    def local(self) -> models.QuerySet["User"]:
        """People who signed up here, as opposed to those whom another issuer vouches for."""
        return self.filter(issuer="")

    def create_superuser(self, email: str, password: str | None = None) -> "User":
        """For ``manage.py createsuperuser``: a local account with the admin role."""
        user = self.model(email=email.strip().lower(), role=User.Role.ADMIN)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    class Role(models.TextChoices):
        USER = "user"
        ADMIN = "admin"

    # Nothing writes to the user row on a login.
    last_login = None

    id = models.CharField(primary_key=True, max_length=128, default=new_user_id, editable=False)
    email = LowercaseEmailField(max_length=MAX_EMAIL_LENGTH, blank=True)
    name = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    issuer = models.CharField(
        max_length=MAX_ISSUER_LENGTH,
        blank=True,
        editable=False,
        help_text="Who vouches for this person; empty: they signed up here.",
    )
    # What the issuer last called them: a change there is followed, a rename here stays until then.
    issuer_name = models.CharField(max_length=MAX_NAME_LENGTH, blank=True, editable=False)
    # When the token was issued that email and name come from; an older one changes nothing.
    followed_at = models.DateTimeField(null=True, editable=False)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.USER)
    is_active = models.BooleanField(default=True)
    # By a link that was mailed there. Of an issuer's account it says nothing.
    email_verified = models.BooleanField(default=False, db_default=False, editable=False)
    # How often all their sessions were ended at once; the staff site's cookies hold for one count.
    session_epoch = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        indexes = [
            models.Index(fields=["created_at", "id"], name="accounts_user_created"),
            # How an email begins.
            models.Index(fields=["email"], opclasses=["varchar_pattern_ops"], name="accounts_user_email"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["email"], condition=models.Q(issuer=""), name="accounts_user_local_email_unique"
            ),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="accounts_user_email_lower"),
            models.CheckConstraint(condition=models.Q(role__in=["user", "admin"]), name="accounts_user_role_known"),
        ]

    def __str__(self) -> str:
        return self.email or self.id

    def get_short_name(self) -> str:
        return self.name or str(self)

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """What Django keeps in a cookie's session, which ends where it is another by now."""
        basis = f"{self.password} {self.session_epoch}"
        return salted_hmac("accounts.User.session", basis, secret=secret, algorithm="sha256").hexdigest()

    def set_password(self, raw_password: str | None) -> None:
        with processors.on_any():
            super().set_password(raw_password and prepare_password(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        """Also as it was sent, for hashes from before passwords were prepared.

        Such a hash, and one of other rounds, is made anew where it still is the one that was checked: Django's own
        ``save`` would bring a password back that was changed meanwhile.
        """
        with processors.on_any():
            for form in password_forms(raw_password or ""):
                if hashers.check_password(form, self.password, self._rehash):
                    if form != prepare_password(form):
                        self._rehash(form)
                    return True
        return False

    def _rehash(self, raw_password: str) -> None:
        checked, self.password = self.password, hashers.make_password(prepare_password(raw_password))
        if not User.objects.filter(id=self.id, password=checked).update(password=self.password):
            self.password = checked

    # The staff site asks these. The role is the only answer: no second flag could disagree.

    @property
    def is_admin(self) -> bool:
        return self.role == self.Role.ADMIN

    @property
    def is_staff(self) -> bool:
        return self.is_active and self.is_admin

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_staff

    def has_perms(self, perm_list: list[str], obj: Any = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff
