using System.Buffers.Text;
using FluentValidation;
using MediatR;

namespace EventFiles.Features.Accounts;

/// <summary>The caller wants to add a passkey.</summary>
/// <param name="Address">Where the request comes from, for the limit on failed attempts.</param>
public sealed record PreparePasskey(Caller By, string Password, string Address) : IRequest<Answer<PasskeyCreation>>, IAsked;

/// <summary>An authenticator has made a passkey for the caller.</summary>
public sealed record AddPasskey(Caller By, string Name, CreatedPasskey Credential) : IRequest<Answer<PasskeySummary>>, IAsked;

/// <summary>The caller's passkeys, newest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListPasskeys(Caller By, string? Cursor, int Limit) : IRequest<Answer<Page<PasskeySummary>>>, IAsked;

/// <summary>One of the caller's passkeys is called otherwise.</summary>
public sealed record RenamePasskey(Caller By, PasskeyId Passkey, string Name) : IRequest<Answer<Done>>, IAsked;

/// <summary>One of the caller's passkeys opens nothing any more.</summary>
public sealed record RemovePasskey(Caller By, PasskeyId Passkey) : IRequest<Answer<Done>>, IAsked;

/// <summary>Somebody wants to sign in with a passkey.</summary>
public sealed record BeginPasskey : IRequest<Answer<PasskeyQuestion>>;

/// <summary>A passkey, for tokens.</summary>
/// <param name="From">Where the request comes from.</param>
public sealed record LoginByPasskey(UsedPasskey Credential, SignInFrom From) : IRequest<Answer<Tokens>>, ISignsIn
{
    AccountId? ISignsIn.Claimed => PasskeyHandle.Read(Credential?.Response?.UserHandle);
}

/// <summary>A passkey, for a browser's cookie.</summary>
/// <param name="From">Where the request comes from.</param>
public sealed record OpenWebSessionByPasskey(UsedPasskey Credential, SignInFrom From) : IRequest<Answer<WebSession>>, ISignsIn
{
    AccountId? ISignsIn.Claimed => PasskeyHandle.Read(Credential?.Response?.UserHandle);
}

/// <summary>A passkey was refused because of its count.</summary>
/// <param name="Uses">As that authenticator counts.</param>
internal sealed record SuspectPasskey(PasskeyId Passkey, AccountId Account, long Uses) : IRequest<Answer<Done>>;

/// <summary>Whose passkey may have been copied is told by mail.</summary>
/// <param name="Suspicion">The event's id.</param>
public sealed record WarnOfPasskey(Guid Suspicion, AccountId Owner) : IWork;

/// <summary>What an authenticator says of a passkey that it has made, as browsers write it (RegistrationResponseJSON).</summary>
/// <param name="Id">What it calls the passkey.</param>
/// <param name="Response">What it says.</param>
public sealed record CreatedPasskey(string Id, CreatedPasskeyResponse Response);

/// <summary>What an authenticator says of a passkey that it has made.</summary>
/// <param name="ClientDataJSON">Base64url.</param>
/// <param name="AttestationObject">Base64url.</param>
public sealed record CreatedPasskeyResponse(string ClientDataJSON, string AttestationObject);

/// <summary>What an authenticator says with a passkey, as browsers write it (AuthenticationResponseJSON).</summary>
/// <param name="Id">What it calls the passkey.</param>
/// <param name="Response">What it says.</param>
public sealed record UsedPasskey(string Id, UsedPasskeyResponse Response);

/// <summary>What an authenticator says with a passkey.</summary>
/// <param name="ClientDataJSON">Base64url.</param>
/// <param name="AuthenticatorData">Base64url.</param>
/// <param name="Signature">Base64url.</param>
/// <param name="UserHandle">Whose passkey it is, base64url: the <c>user.id</c> that it was made for.</param>
public sealed record UsedPasskeyResponse(string ClientDataJSON, string AuthenticatorData, string Signature, string UserHandle);

/// <summary>
/// What a browser is asked when a passkey is made, as it reads it (PublicKeyCredentialCreationOptionsJSON). Good once, for
/// five minutes.
/// </summary>
/// <param name="Challenge">What the authenticator answers to.</param>
/// <param name="Rp">For which server.</param>
/// <param name="User">For whom.</param>
/// <param name="PubKeyCredParams">Which kinds of keys are taken, the best first.</param>
/// <param name="Timeout">Milliseconds for which the challenge is good.</param>
/// <param name="ExcludeCredentials">The passkeys that the account has.</param>
/// <param name="AuthenticatorSelection">What the authenticator must be able to do.</param>
/// <param name="Attestation">none: nobody asks who made the authenticator.</param>
public sealed record PasskeyCreation(
    string Challenge, PasskeyServer Rp, PasskeyPerson User, IReadOnlyList<PasskeyKind> PubKeyCredParams, int Timeout,
    IReadOnlyList<KnownPasskey> ExcludeCredentials, PasskeyDemands AuthenticatorSelection, string Attestation);

/// <summary>The server that passkeys are for.</summary>
/// <param name="Id">Its domain.</param>
/// <param name="Name">As people know it.</param>
public sealed record PasskeyServer(string Id, string Name);

/// <summary>The person that a passkey is for.</summary>
/// <param name="Id">The account's id in 16 bytes, base64url.</param>
/// <param name="Name">The account's e-mail address.</param>
/// <param name="DisplayName">How others see it.</param>
public sealed record PasskeyPerson(string Id, string Name, string DisplayName);

/// <summary>A kind of key.</summary>
/// <param name="Type">public-key.</param>
/// <param name="Alg">Its COSE number.</param>
public sealed record PasskeyKind(string Type, int Alg);

/// <summary>A passkey that is known.</summary>
/// <param name="Type">public-key.</param>
/// <param name="Id">What its authenticator calls it, base64url.</param>
public sealed record KnownPasskey(string Type, string Id);

/// <summary>What an authenticator must be able to do.</summary>
/// <param name="ResidentKey">required: nobody types who they are.</param>
/// <param name="RequireResidentKey">The same, for older browsers.</param>
/// <param name="UserVerification">required: the authenticator makes sure that it is its owner.</param>
public sealed record PasskeyDemands(string ResidentKey, bool RequireResidentKey, string UserVerification);

/// <summary>
/// What a browser is asked when somebody signs in, as it reads it (PublicKeyCredentialRequestOptionsJSON). Good once, for
/// five minutes.
/// </summary>
/// <param name="Challenge">What the authenticator answers to.</param>
/// <param name="RpId">The server's domain.</param>
/// <param name="Timeout">Milliseconds for which the challenge is good.</param>
/// <param name="UserVerification">required: the authenticator makes sure that it is its owner.</param>
public sealed record PasskeyQuestion(string Challenge, string RpId, int Timeout, string UserVerification);

/// <summary>A passkey of the caller's.</summary>
/// <param name="Id">Its id; opens nothing.</param>
/// <param name="Name">In its owner's words.</param>
/// <param name="IsSynced">Whether its owner may have it on several devices.</param>
/// <param name="AddedAt">When it was added.</param>
/// <param name="UsedAt">When somebody signed in with it last.</param>
/// <param name="SuspectedAt">When somebody last had it and was refused, because by its count it was used before: there may be a copy.</param>
public sealed record PasskeySummary(
    PasskeyId Id, string Name, bool IsSynced, DateTimeOffset AddedAt, DateTimeOffset? UsedAt, DateTimeOffset? SuspectedAt);

/// <summary>An account, as authenticators keep it: the 16 bytes of its id, base64url.</summary>
internal static class PasskeyHandle
{
    private const int Length = 22;

    public static string Of(AccountId account) => Base64Url.EncodeToString(account.Value.ToByteArray(bigEndian: true));

    /// <summary>Null when it is none.</summary>
    public static AccountId? Read(string? handle)
    {
        Span<byte> bytes = stackalloc byte[16];
        return handle?.Length == Length && Base64Url.TryDecodeFromChars(handle, bytes, out var written) && written == bytes.Length
            ? new AccountId(new Guid(bytes, bigEndian: true))
            : null;
    }
}

internal sealed class PreparePasskeyShape : AbstractValidator<PreparePasskey>
{
    public PreparePasskeyShape() => RuleFor(ask => ask.Password).NotEmpty().MaximumLength(PasswordRule.MaxLength);
}

internal sealed class AddPasskeyShape : AbstractValidator<AddPasskey>
{
    public AddPasskeyShape()
    {
        RuleFor(ask => ask.Name).Custom((name, context) => RegisterAccountShape.Report(DisplayNames.Problem(name), context));
        RuleFor(ask => ask.Credential).NotNull();
        RuleFor(ask => ask.Credential.Id).NotEmpty().MaximumLength(PasskeyShape.LongestId).When(ask => ask.Credential is not null);
        RuleFor(ask => ask.Credential.Response).NotNull().When(ask => ask.Credential is not null);
        RuleFor(ask => ask.Credential.Response.ClientDataJSON).NotEmpty().MaximumLength(PasskeyShape.Longest)
            .When(ask => ask.Credential?.Response is not null);
        RuleFor(ask => ask.Credential.Response.AttestationObject).NotEmpty().MaximumLength(PasskeyShape.Longest)
            .When(ask => ask.Credential?.Response is not null);
    }
}

internal sealed class RenamePasskeyShape : AbstractValidator<RenamePasskey>
{
    public RenamePasskeyShape() => RuleFor(ask => ask.Name)
        .Custom((name, context) => RegisterAccountShape.Report(DisplayNames.Problem(name), context));
}

internal sealed class ListPasskeysShape : AbstractValidator<ListPasskeys>
{
    public ListPasskeysShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}

internal sealed class LoginByPasskeyShape : AbstractValidator<LoginByPasskey>
{
    public LoginByPasskeyShape() => RuleFor(ask => ask.Credential).NotNull().SetValidator(new PasskeyShape());
}

internal sealed class OpenWebSessionByPasskeyShape : AbstractValidator<OpenWebSessionByPasskey>
{
    public OpenWebSessionByPasskeyShape() => RuleFor(ask => ask.Credential).NotNull().SetValidator(new PasskeyShape());
}

/// <summary>How long what an authenticator says may be.</summary>
internal sealed class PasskeyShape : AbstractValidator<UsedPasskey>
{
    /// <summary>1,023 bytes, by the standard.</summary>
    public const int LongestId = 1364;

    /// <summary>The largest keys, and statements that nobody asked for.</summary>
    public const int Longest = 8192;

    public PasskeyShape()
    {
        RuleFor(said => said.Id).NotEmpty().MaximumLength(LongestId);
        RuleFor(said => said.Response).NotNull();
        RuleFor(said => said.Response.ClientDataJSON).NotEmpty().MaximumLength(Longest).When(said => said.Response is not null);
        RuleFor(said => said.Response.AuthenticatorData).NotEmpty().MaximumLength(Longest).When(said => said.Response is not null);
        RuleFor(said => said.Response.Signature).NotEmpty().MaximumLength(Longest).When(said => said.Response is not null);
        RuleFor(said => said.Response.UserHandle).NotEmpty().MaximumLength(128).When(said => said.Response is not null);
    }
}
