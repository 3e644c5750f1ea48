from django.db import models


class IssuerKeys(models.Model):
    """The last good key set of an issuer, for when the issuer is away."""

    url = models.TextField(primary_key=True)
    document = models.TextField()
    fetched_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "issuer keys"

    def __str__(self) -> str:
        return self.url
