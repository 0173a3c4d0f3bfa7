"""Corps, accounts, what was granted to them, their sessions, sealed secrets, API keys."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from linli.access.audit_models import AuditBegun, AuditRow, AuditSeal

__all__ = ["Account", "ApiKey", "AuditBegun", "AuditRow", "AuditSeal", "Corp", "Secret"]


class Corp(models.Model):
    """One WeCom enterprise. Everything else in Linli hangs on one of these."""

    wecom_id = models.TextField(unique=True)
    name = models.TextField()
    zone = models.TextField(default="Asia/Shanghai")
    created_at = models.DateTimeField()


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by their sign-in name, as Django's authentication asks."""


class Account(AbstractBaseUser):
    """Somebody who signs in to the console; what they may do are their grants. Times here are real ones."""

    corp = models.ForeignKey(Corp, on_delete=models.PROTECT, related_name="+", null=True)
    username = models.TextField(unique=True)
    name = models.TextField(default="")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    initial_until = models.DateTimeField(null=True, blank=True)  # a password somebody else knows: to be changed by then
    totp_since = models.DateTimeField(null=True, blank=True)  # the secret is access.Secret "totp.<account id>"
    totp_last_step = models.BigIntegerField(db_default=0)  # a code of this 30-second step or an earlier one is used up

    objects = AccountManager()
    USERNAME_FIELD = "username"


class Binding(models.Model):
    """The staff member whose account it is, by WeCom's userid: may sign in with WeCom, and is out when they leave."""

    corp = models.ForeignKey(Corp, on_delete=models.PROTECT, related_name="+")
    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="+")
    userid = models.TextField()

    class Meta:
        """A staff member has one account."""

        constraints = [models.UniqueConstraint(fields=["corp", "userid"], name="access_binding_once")]


class Grant(models.Model):
    """A role over a part of the corp; `scope_id` is 0 for the whole corp (see scopes.Scope)."""

    corp = models.ForeignKey(Corp, on_delete=models.PROTECT, related_name="+", null=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    role = models.TextField()
    scope_kind = models.TextField()
    scope_id = models.BigIntegerField(default=0)
    since = models.DateTimeField()

    class Meta:
        """The same is granted once."""

        constraints = [
            models.UniqueConstraint(fields=["account", "role", "scope_kind", "scope_id"], name="access_grant_once"),
        ]


class RecoveryCode(models.Model):
    """Signs in once in place of a code of the authenticator; 120 random bits, so SHA-256 keeps it well."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    digest = models.BinaryField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A code is looked up by account and digest."""

        constraints = [models.UniqueConstraint(fields=["account", "digest"], name="access_recovery_once")]


class Throttle(models.Model):
    """How often somebody tried, and when the next try is heard; `key` names a sign-in name (hashed) or an address."""

    key = models.TextField(unique=True)
    tries = models.IntegerField()
    last_at = models.DateTimeField()
    free_at = models.DateTimeField()


class Session(AbstractBaseSession):
    """A browser that is signed in (or just looked at the door); deleting the row ends it at once."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", null=True)

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from linli.access.sessions import SessionStore

        return SessionStore


class Secret(models.Model):
    """A value sealed by the master key, bound to its corp and name."""

    corp = models.ForeignKey(Corp, on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    sealed = models.BinaryField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "name"], name="access_secret_once")]


class ApiKey(models.Model):
    """A key of the JSON API; only its SHA-256 is kept (the key itself is 32 random bytes, so a slow hash adds nothing)."""

    corp = models.ForeignKey(Corp, on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    digest = models.BinaryField(unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)  # real time, like last_used_at
    last_used_at = models.DateTimeField(null=True)
