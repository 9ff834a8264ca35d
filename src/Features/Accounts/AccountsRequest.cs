using System.Globalization;
using System.Text;
using FluentValidation;
using MediatR;

namespace EventFiles.Features.Accounts;

/// <summary>Somebody new wants to sign in with an address and a password.</summary>
/// <param name="Invitation">What the link of an invitation bears, or null.</param>
/// <param name="Address">Where the request comes from, for the limit; null where nobody asks.</param>
public sealed record RegisterAccount(
    string Email, string Password, string DisplayName, string? Invitation = null, string? Address = null)
    : IRequest<Answer<NewAccount>>;

/// <summary>Who the caller is.</summary>
public sealed record ReadMe(Caller By) : IRequest<Answer<Me>>, IAsked;

/// <summary>Another name; null leaves it.</summary>
public sealed record ChangeMe(Caller By, string? DisplayName) : IRequest<Answer<Me>>, IAsked;

/// <summary>An administrator lets an account place and lift legal holds, or no longer.</summary>
public sealed record SetAuditor(Caller By, AccountId Account, bool IsAuditor) : IRequest<Answer<Done>>, IAsked;

/// <summary>Another password. All other sessions of the account end.</summary>
/// <param name="Address">Where the request comes from, for the limit on failed attempts.</param>
public sealed record ChangeMyPassword(Caller By, string CurrentPassword, string NewPassword, string Address)
    : IRequest<Answer<Done>>, IAsked;

/// <summary>An account that was just registered.</summary>
/// <param name="Id">Also the id of its root folder.</param>
/// <param name="Email">The address to sign in with.</param>
/// <param name="DisplayName">How others see it.</param>
public sealed record NewAccount(AccountId Id, string Email, string DisplayName);

/// <summary>The caller's own account.</summary>
/// <param name="Id">Also the id of its root folder.</param>
/// <param name="Email">The address to sign in with.</param>
/// <param name="DisplayName">How others see it.</param>
/// <param name="IsAdministrator">May run the operator's requests. Opens no content of others.</param>
/// <param name="IsAuditor">May place and lift legal holds. Opens no content of others either.</param>
/// <param name="CreatedAt">When it was registered.</param>
public sealed record Me(
    AccountId Id, string Email, string DisplayName, bool IsAdministrator, bool IsAuditor, DateTimeOffset CreatedAt)
{
    /// <summary>Whether mail to the address was read.</summary>
    public bool EmailConfirmed { get; init; }

    /// <summary>Whether signing in needs a code besides the password.</summary>
    public bool HasSecondFactor { get; init; }

    /// <summary>The picture that you are shown by, at <c>/api/people/{id}/avatar</c>; null for none.</summary>
    public AvatarId? Avatar { get; init; }
}

internal sealed class RegisterAccountShape : AbstractValidator<RegisterAccount>
{
    public RegisterAccountShape()
    {
        RuleFor(ask => ask.Email).Custom((email, context) => Report(EmailAddress.Problem(email), context));
        RuleFor(ask => ask.DisplayName).Custom((name, context) => Report(DisplayNames.Problem(name), context));
        RuleFor(ask => ask.Password).Custom((password, context) => Report(
            PasswordRule.Problem(password) ?? (PasswordRule.IsGuessable(password!, context.InstanceToValidate.Email)
                ? AccountsRejection.WeakPassword.Detail
                : null),
            context));
        RuleFor(ask => ask.Invitation).MaximumLength(LetterToken.MaxLength);
    }

    internal static void Report<T>(string? problem, ValidationContext<T> context)
    {
        if (problem is not null)
            context.AddFailure(problem);
    }
}

internal sealed class ChangeMeShape : AbstractValidator<ChangeMe>
{
    public ChangeMeShape() => RuleFor(ask => ask.DisplayName)
        .Custom((name, context) => RegisterAccountShape.Report(DisplayNames.Problem(name), context))
        .When(ask => ask.DisplayName is not null);
}

internal sealed class ChangeMyPasswordShape : AbstractValidator<ChangeMyPassword>
{
    public ChangeMyPasswordShape()
    {
        RuleFor(ask => ask.CurrentPassword).NotEmpty().MaximumLength(PasswordRule.MaxLength);
        RuleFor(ask => ask.NewPassword).Custom(
            (password, context) => RegisterAccountShape.Report(PasswordRule.Problem(password), context));
    }
}

/// <summary>What may be a password: long enough, and nothing else is prescribed, as NIST SP 800-63B advises.</summary>
internal static class PasswordRule
{
    public const int MinLength = 8;
    public const int MaxLength = 1024;

    // Those of at least eight characters that head every list of leaked passwords.
    private static readonly HashSet<string> Worst = new(StringComparer.OrdinalIgnoreCase)
    {
        "12345678", "123456789", "1234567890", "password", "password1", "password123", "passw0rd", "p@ssw0rd", "qwertyui",
        "qwerty123", "qwertyuiop", "1q2w3e4r", "1qaz2wsx", "iloveyou", "sunshine", "princess", "football", "baseball",
        "superman", "trustno1", "letmein1", "welcome1", "admin123", "administrator", "changeme", "eventfiles", "abcd1234",
        "asdfghjkl", "87654321", "11111111", "00000000",
    };

    /// <summary>Why this cannot be a password, in one sentence; null when it can.</summary>
    public static string? Problem(string? password) => password is null or { Length: < MinLength or > MaxLength }
        ? "A password has 8 to 1024 characters."
        : null;

    public static bool IsGuessable(string password, string? email) =>
        Worst.Contains(password)
        || password.AsSpan().IndexOfAnyExcept(password[0]) < 0
        || (email?.Trim() is { Length: > 0 } address
            && (password.Equals(address, StringComparison.OrdinalIgnoreCase)
                || password.Equals(address.Split('@')[0], StringComparison.OrdinalIgnoreCase)));
}

/// <summary>What an account may be called.</summary>
internal static class DisplayNames
{
    public const int MaxLength = 100;

    /// <summary>Why this cannot be a name, in one sentence; null when it can.</summary>
    public static string? Problem(string? name)
    {
        if (name is null || !name.EnumerateRunes().Any(IsVisible))
            return "A name has at least one visible character.";
        if (name.EnumerateRunes().Count() > MaxLength)
            return "A name has at most 100 characters.";
        return name.EnumerateRunes().Any(IsUnprintable)
            ? "A name has no control, direction-changing or broken characters."
            : null;
    }

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is
        not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.SpaceSeparator
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.PrivateUse);

    private static bool IsUnprintable(Rune rune) =>
        rune == Rune.ReplacementChar || Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029
            or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
