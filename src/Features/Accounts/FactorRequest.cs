using FluentValidation;
using MediatR;

namespace EventFiles.Features.Accounts;

/// <summary>The caller wants a secret for an authenticator app.</summary>
/// <param name="Address">Where the request comes from, for the limit on failed attempts.</param>
public sealed record PrepareFactor(Caller By, string Password, string Address) : IRequest<Answer<PreparedFactor>>, IAsked;

/// <summary>The app has shown its first code.</summary>
/// <param name="Address">Where the request comes from, for the limit on failed attempts.</param>
public sealed record ConfirmFactor(Caller By, string Code, string Address) : IRequest<Answer<RecoveryCodes>>, IAsked;

/// <summary>The caller wants to sign in with the password alone again.</summary>
/// <param name="Address">Where the request comes from, for the limit on failed attempts.</param>
public sealed record RemoveFactor(Caller By, string Password, string Address) : IRequest<Answer<Done>>, IAsked;

/// <summary>An administrator takes the second factor from somebody who has lost it.</summary>
public sealed record TakeFactor(Caller By, AccountId Account) : IRequest<Answer<Done>>, IAsked;

/// <summary>What an authenticator app needs. Shown once.</summary>
/// <param name="Secret">To be typed in.</param>
/// <param name="Uri">The same as an address that apps open (otpauth).</param>
/// <param name="QrCode">That address as an SVG picture, for the app's camera.</param>
public sealed record PreparedFactor(string Secret, string Uri, string QrCode);

/// <summary>What opens the account when the authenticator is lost. Shown once.</summary>
/// <param name="Codes">Each is good once.</param>
public sealed record RecoveryCodes(IReadOnlyList<string> Codes);

internal sealed class PrepareFactorShape : AbstractValidator<PrepareFactor>
{
    public PrepareFactorShape() => RuleFor(ask => ask.Password).NotEmpty().MaximumLength(PasswordRule.MaxLength);
}

internal sealed class ConfirmFactorShape : AbstractValidator<ConfirmFactor>
{
    public ConfirmFactorShape() => RuleFor(ask => ask.Code).NotEmpty().MaximumLength(64);
}

internal sealed class RemoveFactorShape : AbstractValidator<RemoveFactor>
{
    public RemoveFactorShape() => RuleFor(ask => ask.Password).NotEmpty().MaximumLength(PasswordRule.MaxLength);
}
