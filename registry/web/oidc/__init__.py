"""Signing in through an identity provider: OpenID Connect Core 1.0, authorization code flow with PKCE.

documents   what a provider tells of itself, and what it hands out for a code
tokens      an ID token: whose signature, for whom, until when, for which question
provider    the provider: asked over a line that is handed in, its description and keys kept for a while
refusals    why somebody does not come in, in words

Of the library (Authlib, with joserfc) everything is used that does no input or output. Nothing here writes to the
store, and no token is kept or logged. Imported only where ``oidc.issuer`` is set: the extra ``oidc`` may be missing.
"""

from registry.web.oidc.provider import IdentityProvider, Pending

__all__ = ["IdentityProvider", "Pending"]
