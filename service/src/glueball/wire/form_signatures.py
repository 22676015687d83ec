"""Who has signed a form upload: the signature is that of its policy, and travels in its fields.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from glueball.core.post_policies import InvalidPolicyDocument, PostPolicy, parse_policy
from glueball.wire import sigv2
from glueball.wire.claims import scope_of
from glueball.wire.credentials import NOBODY, CredentialLookup
from glueball.wire.refusals import Refusal, SignatureRefused, mismatch, unknown_key
from glueball.wire.signed_payload import ALGORITHM, PayloadForm, SignedPayload
from glueball.wire.sigv4 import Verified, signing_key


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedForm:
    """A form whose signature is right and whose fields are what its policy wants."""

    verified: Verified
    policy: PostPolicy


def verify_form(
    fields: Mapping[str, str], *, credentials: CredentialLookup, now: float
) -> VerifiedForm:
    """Check the signature and the policy of a form.

    Args:
        fields: by name in lower case; `bucket` among them.
        credentials: finds the secret of an access key id.
        now: epoch seconds.

    Raises:
        SignatureRefused: it is not signed, its key is unknown, or its signature is another one.
        InvalidPolicyDocument, AccessDenied: see `PostPolicy.check`.
    """
    text = fields.get("policy", "")
    if not text:
        raise SignatureRefused(Refusal.MISSING, "Access Denied: the form has no policy.")
    if "x-amz-signature" in fields:
        verified = _version_4(fields, text, credentials)
    elif "awsaccesskeyid" in fields:
        verified = _version_2(fields, text, credentials)
    else:
        raise SignatureRefused(Refusal.MISSING, "Access Denied: the form is not signed.")
    policy = parse_policy(_decoded(text))
    policy.check(fields, now)
    return VerifiedForm(verified=verified, policy=policy)


def _version_4(fields: Mapping[str, str], text: str, credentials: CredentialLookup) -> Verified:
    if fields.get("x-amz-algorithm") != ALGORITHM.decode():
        raise SignatureRefused(
            Refusal.UNSUPPORTED, "The field x-amz-algorithm must be AWS4-HMAC-SHA256."
        )
    scope = scope_of(fields.get("x-amz-credential", ""))
    if scope.service != "s3" or not fields.get("x-amz-date", "").startswith(scope.date):
        raise SignatureRefused(
            Refusal.SCOPE, "The Credential must be scoped to s3 and to the day of x-amz-date."
        )
    credential = credentials(scope.access_key, fields.get("x-amz-security-token"))
    secret = NOBODY if credential is None else credential.secret_key
    key = signing_key(secret, scope.date, scope.region, scope.service)
    right = hmac.digest(key, text.encode(), "sha256").hex().encode()
    equal = hmac.compare_digest(right, fields["x-amz-signature"].encode())
    if credential is None:
        raise unknown_key(scope.access_key)
    if not equal:
        raise mismatch()
    return Verified(
        caller=credential.caller,
        service="s3",
        region=scope.region,
        payload=SignedPayload(form=PayloadForm.UNSIGNED),
    )


def _version_2(fields: Mapping[str, str], text: str, credentials: CredentialLookup) -> Verified:
    caller = sigv2.verify_text(
        text.encode(),
        fields["awsaccesskeyid"],
        fields.get("signature", ""),
        fields.get("x-amz-security-token"),
        credentials,
    )
    payload = SignedPayload(form=PayloadForm.UNSIGNED)
    return Verified(caller=caller, service="s3", region=None, payload=payload)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidPolicyDocument("Invalid Policy: it is not base64.") from error
