using FluentValidation;
using MediatR;

namespace EventFiles.Features.Accounts;

/// <summary>The caller wants the mail again that proves the address.</summary>
public sealed record AskConfirmation(Caller By) : IRequest<Answer<Done>>, IAsked;

/// <summary>The caller wants another address; it counts when a link that is sent there was followed.</summary>
/// <param name="Address">Where the request comes from, for the limit on failed attempts.</param>
public sealed record AskAddress(Caller By, string Email, string Password, string Address) : IRequest<Answer<Done>>, IAsked;

/// <summary>The link of a letter that proves an address was followed.</summary>
public sealed record ProveAddress(string Token) : IRequest<Answer<Done>>;

/// <summary>Whoever has this address has forgotten the password.</summary>
/// <param name="Address">Where the request comes from, for the limit.</param>
public sealed record AskReset(string Email, string Address) : IRequest<Answer<Done>>;

/// <summary>The link of a letter that resets the password was followed. Every session of the account ends.</summary>
public sealed record ResetMyPassword(string Token, string NewPassword) : IRequest<Answer<Done>>;

/// <summary>A letter is sent.</summary>
public sealed record SendLetter(LetterId Letter, AccountId Owner) : IWork;

/// <summary>The former address of an account is told that it has another now.</summary>
/// <param name="Letter">The one that brought it about.</param>
public sealed record TellFormerAddress(LetterId Letter, AccountId Owner) : IWork;

internal sealed class AskAddressShape : AbstractValidator<AskAddress>
{
    public AskAddressShape()
    {
        RuleFor(ask => ask.Email).Custom((email, context) => RegisterAccountShape.Report(EmailAddress.Problem(email), context));
        RuleFor(ask => ask.Password).NotEmpty().MaximumLength(PasswordRule.MaxLength);
    }
}

internal sealed class ProveAddressShape : AbstractValidator<ProveAddress>
{
    public ProveAddressShape() => RuleFor(ask => ask.Token).NotEmpty().MaximumLength(LetterToken.MaxLength);
}

internal sealed class AskResetShape : AbstractValidator<AskReset>
{
    public AskResetShape() => RuleFor(ask => ask.Email).NotEmpty().MaximumLength(1024);
}

internal sealed class ResetMyPasswordShape : AbstractValidator<ResetMyPassword>
{
    public ResetMyPasswordShape()
    {
        RuleFor(ask => ask.Token).NotEmpty().MaximumLength(LetterToken.MaxLength);
        RuleFor(ask => ask.NewPassword).Custom(
            (password, context) => RegisterAccountShape.Report(PasswordRule.Problem(password), context));
    }
}
