using System.Globalization;
using System.Text;

namespace EventFiles.Features.Accounts;

/// <summary>What may be an e-mail address here, and when two are the same.</summary>
public static class EmailAddress
{
    /// <summary>The longest that mail systems carry, in UTF-8 bytes.</summary>
    public const int MaxBytes = 254;

    /// <summary>Why this cannot be an address, in one sentence; null when it can. Only a mail sent to it proves more.</summary>
    public static string? Problem(string? email)
    {
        var text = email?.Trim() ?? "";
        var at = text.LastIndexOf('@');
        if (at < 1 || at == text.Length - 1 || text.IndexOf('@', StringComparison.Ordinal) != at)
            return "An e-mail address has a name, one @ and a domain.";
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes || Encoding.UTF8.GetByteCount(text.AsSpan(0, at)) > 64)
            return "An e-mail address has at most 254 bytes, 64 of them before the @.";
        if (text.EnumerateRunes().Any(rune => !IsPlain(rune)))
            return "An e-mail address has no spaces, control or broken characters.";
        return text[(at + 1)..].Split('.').Any(label => label.Length is 0 or > 63)
            ? "The domain of an e-mail address is words with dots between them."
            : null;
    }

    /// <summary>Two addresses with the same key are the same address; null for what cannot be one.</summary>
    public static string? Key(string? email) =>
        Problem(email) is null ? email!.Trim().Normalize(NormalizationForm.FormC).ToLowerInvariant() : null;

    private static bool IsPlain(Rune rune) =>
        rune != Rune.ReplacementChar && !Rune.IsWhiteSpace(rune) && Rune.GetUnicodeCategory(rune) is not
            (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse);
}
