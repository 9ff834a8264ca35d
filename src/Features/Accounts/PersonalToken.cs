namespace EventFiles.Features.Accounts;

/// <summary>
/// A token as a program sends it: <c>efp_&lt;id&gt;_&lt;secret&gt;</c>. It begins with letters of its own so that whoever
/// searches texts for secrets that leaked finds it.
/// </summary>
internal sealed record PersonalToken(TokenId Id, string Secret)
{
    private const string Prefix = "efp_";
    private const int IdLength = 32;
    private const int MaxLength = 128;

    public static PersonalToken New(TokenId id) => new(id, SessionSecret.New());

    /// <summary>Null when it cannot be one.</summary>
    public static PersonalToken? Parse(string text) =>
        text.Length is > 4 + IdLength + 1 and <= MaxLength
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && text[4 + IdLength] == '_'
        && Guid.TryParseExact(text.AsSpan(4, IdLength), "N", out var id)
            ? new PersonalToken(new TokenId(id), text[(4 + IdLength + 1)..])
            : null;

    public override string ToString() => $"{Prefix}{Id.Value:n}_{Secret}";
}

/// <summary>Scopes as people write them.</summary>
internal static class TokenScopeNames
{
    private static readonly (string Name, TokenScopes Scope)[] All =
    [
        ("read", TokenScopes.Read), ("write", TokenScopes.Write), ("admin", TokenScopes.Admin), ("audit", TokenScopes.Audit),
    ];

    public static IReadOnlyList<string> Of(TokenScopes scopes) =>
        [.. All.Where(one => scopes.HasFlag(one.Scope)).Select(one => one.Name)];

    /// <summary>Null when one is unknown or there is none.</summary>
    public static TokenScopes? Read(IReadOnlyList<string>? names)
    {
        var scopes = TokenScopes.None;
        foreach (var name in names ?? [])
        {
            var known = Array.Find(All, one => one.Name == name).Scope;
            if (known == TokenScopes.None)
                return null;
            scopes |= known;
        }

        return scopes == TokenScopes.None ? null : scopes;
    }
}
