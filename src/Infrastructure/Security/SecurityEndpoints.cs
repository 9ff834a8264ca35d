using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace EventFiles.Infrastructure.Security;

/// <summary>What others need to verify our access tokens.</summary>
public static class SecurityEndpoints
{
    /// <summary>The public keys, as RFC 7517 has them.</summary>
    /// <param name="Keys">All that verify, the one that signs included.</param>
    public sealed record KeySet(IReadOnlyList<PublicKey> Keys);

    /// <summary>One public key.</summary>
    /// <param name="Kty">EC.</param>
    /// <param name="Crv">P-256.</param>
    /// <param name="Use">sig.</param>
    /// <param name="Alg">ES256.</param>
    /// <param name="Kid">The key's RFC 7638 thumbprint; tokens name it.</param>
    /// <param name="X">The point's first coordinate, base64url.</param>
    /// <param name="Y">The point's second coordinate, base64url.</param>
    public sealed record PublicKey(string Kty, string Crv, string Use, string Alg, string Kid, string X, string Y);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/.well-known/jwks.json", Keys).AllowAnonymous().WithName("getSigningKeys").WithTags("Accounts")
            .WithSummary("The public keys that verify access tokens")
            .Produces<KeySet>();

    private static Ok<KeySet> Keys(TokenKeys keys, HttpResponse response)
    {
        response.Headers.CacheControl = "public, max-age=300";
        return TypedResults.Ok(new KeySet(
            [.. keys.All.Select(key => new PublicKey("EC", "P-256", "sig", "ES256", key.Id, key.X, key.Y))]));
    }
}
