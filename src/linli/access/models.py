"""Corps, accounts, sealed secrets, API keys."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
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
    """Somebody who signs in to the console. One role so far: administrator, over the whole corp."""

    corp = models.ForeignKey(Corp, on_delete=models.PROTECT, related_name="+", null=True)
    username = models.TextField(unique=True)
    name = models.TextField(default="")
    role = models.TextField(default="administrator")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects = AccountManager()
    USERNAME_FIELD = "username"


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
