using System.Buffers.Text;
using EventFiles.Features.Accounts;
using Fido2NetLib;
using Fido2NetLib.Objects;

namespace EventFiles.Infrastructure.Security;

/// <summary>
/// Passkeys by Fido2. What it would leave to a client is settled here: which domain counts, which pages, which statements.
/// </summary>
internal sealed class FidoPasskeys(AccountsOptions options) : IPasskeys
{
    private const string Localhost = "localhost";

    // Of statements about who made an authenticator, which nobody asks for, those that browsers send nevertheless.
    private static readonly string[] Formats = ["none", "packed"];

    // Every authenticator makes one of these, and the platform verifies both.
    private static readonly COSE.Algorithm[] Kinds = [COSE.Algorithm.ES256, COSE.Algorithm.RS256];

    // What a passkey that nobody knows is verified against. Whoever signs with it is refused all the same.
    private static readonly byte[] Nobodys = new CredentialPublicKey(
        System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256), COSE.Algorithm.ES256).GetBytes();

    public string Domain { get; } = options.Site?.Host ?? Localhost;

    public IReadOnlyList<int> Algorithms { get; } = [.. Kinds.Select(kind => (int)kind)];

    public ICreatedPasskey? ReadCreated(string credential, string clientData, string attestation) => Read<ICreatedPasskey>(() =>
    {
        var said = AuthenticatorAttestationResponse.Parse(new AuthenticatorAttestationRawResponse
        {
            Id = credential,
            RawId = Base64Url.DecodeFromChars(credential),
            Type = PublicKeyCredentialType.PublicKey,
            ClientExtensionResults = new(),
            Response = new()
            {
                ClientDataJson = Base64Url.DecodeFromChars(clientData),
                AttestationObject = Base64Url.DecodeFromChars(attestation),
                Transports = [],
            },
        });
        return new Created(this, said);
    });

    public IUsedPasskey? ReadUsed(
        string credential, string clientData, string authenticatorData, string signature) => Read<IUsedPasskey>(() =>
    {
        // Extensions are never taken from a client: with one of them it would say for which domain a passkey is.
        var said = AuthenticatorAssertionResponse.Parse(new AuthenticatorAssertionRawResponse
        {
            Id = credential,
            RawId = Base64Url.DecodeFromChars(credential),
            Type = PublicKeyCredentialType.PublicKey,
            ClientExtensionResults = new(),
            Response = new()
            {
                ClientDataJson = Base64Url.DecodeFromChars(clientData),
                AuthenticatorData = Base64Url.DecodeFromChars(authenticatorData),
                Signature = Base64Url.DecodeFromChars(signature),
            },
        });
        return new Used(this, said);
    });

    // Whatever a parser throws at bytes that somebody has made up, it cannot read them.
    private static T? Read<T>(Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (Exception unreadable) when (unreadable is not OutOfMemoryException)
        {
            return null;
        }
    }

    // And what does not verify is not proved, whether it is wrong or only looks like something.
    private static async Task<T?> Proved<T>(Func<Task<T?>> prove, CancellationToken cancel)
    {
        try
        {
            return await prove();
        }
        catch (Exception unproved) when (unproved is not OutOfMemoryException && !cancel.IsCancellationRequested)
        {
            return default;
        }
    }

    // Where nobody has said how people find this server, it is found on the machine that it runs on, at whatever port.
    private Fido2Configuration? At(string? origin)
    {
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var page))
            return null;
        var own = options.Site ?? page;
        return own.Host != Domain ? null : new Fido2Configuration
        {
            RPID = Domain,
            RPName = Domain,
            Origins = new HashSet<string>(StringComparer.Ordinal) { own.GetLeftPart(UriPartial.Authority) },
        };
    }

    private sealed class Created(FidoPasskeys server, AuthenticatorAttestationResponse said) : ICreatedPasskey
    {
        public string Challenge { get; } = Base64Url.EncodeToString(said.Challenge);

        public Task<NewPasskey?> Prove(CancellationToken cancel) => Proved(
            async () =>
            {
                if (server.At(said.Origin) is not { } config || said.CrossOrigin || !Formats.Contains(said.AttestationObject.Fmt))
                    return null;
                var asked = new CredentialCreateOptions
                {
                    Rp = new(server.Domain, server.Domain),
                    User = new() { Id = [0], Name = "-", DisplayName = "-" },
                    Challenge = said.Challenge,
                    PubKeyCredParams = [.. Kinds.Select(kind => new PubKeyCredParam(kind))],
                    AuthenticatorSelection = new() { UserVerification = UserVerificationRequirement.Required },
                };
                // Whether another account has it is asked where it is added.
                var made = await said.VerifyAsync(asked, config, (_, _) => Task.FromResult(true), null, null, cancel);
                return new NewPasskey(
                    Base64Url.EncodeToString(made.Id), Base64Url.EncodeToString(made.PublicKey), made.SignCount, made.IsBackupEligible);
            },
            cancel);
    }

    private sealed class Used(FidoPasskeys server, AuthenticatorAssertionResponse said) : IUsedPasskey
    {
        public string Challenge { get; } = Base64Url.EncodeToString(said.Challenge);

        public long Uses => said.AuthenticatorData.SignCount;

        public Task<bool> IsProvedBy(string? publicKey, CancellationToken cancel) => Proved(
            async () =>
            {
                if (server.At(said.Origin) is not { } config || said.CrossOrigin)
                    return false;
                var asked = new AssertionOptions
                {
                    Challenge = said.Challenge,
                    RpId = server.Domain,
                    UserVerification = UserVerificationRequirement.Required,
                };
                var key = publicKey is null ? Nobodys : Base64Url.DecodeFromChars(publicKey);
                // The count is compared where it is kept: Fido2 would let a count pass that is 0 again.
                await said.VerifyAsync(asked, config, key, 0, (_, _) => Task.FromResult(true), null, null, cancel);
                return publicKey is not null;
            },
            cancel);
    }
}
