namespace EventFiles.Features.Search;

/// <summary>Finds what fits in a text, as places and never as markup: nobody has to trust what stands between.</summary>
public static class SearchMarks
{
    private const int BeforeHit = 60;
    private const int SnippetLength = 200;

    // What an ending may add or take away.
    private const int Ending = 3;

    /// <summary>Where the words of the terms stand, in order.</summary>
    /// <param name="isStemming">Words with other endings were found too.</param>
    public static IReadOnlyList<SearchMark> In(string text, IReadOnlyList<SearchTerm> terms, bool isStemming) =>
    [
        .. SearchFold.Words(text)
            .Where(word => terms.Any(term => !term.IsExcluded && term.Words.Where((wanted, at) =>
                Fits(word.Folded, wanted, term.IsPrefix && at == term.Words.Count - 1, isStemming)).Any()))
            .Select(word => new SearchMark(word.Start, word.Length)),
    ];

    /// <summary>The first place of a long text where something fits, with what stands around it; null when nothing does.</summary>
    public static SearchSnippet? Snippet(string text, IReadOnlyList<SearchTerm> terms, bool isStemming)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (In(text, terms, isStemming) is not [var first, ..] marks)
            return null;
        var start = Math.Max(0, first.Start - BeforeHit);
        // Between words, and never within a character.
        while (start > 0 && start < first.Start && !char.IsWhiteSpace(text[start - 1]))
            start++;
        var end = Math.Min(text.Length, Math.Max(start + SnippetLength, first.Start + first.Length));
        while (end < text.Length && end > first.Start + first.Length && !char.IsWhiteSpace(text[end]))
            end--;
        return new SearchSnippet(
            text[start..end],
            [.. marks.Where(mark => mark.Start >= start && mark.Start + mark.Length <= end).Select(mark => mark with { Start = mark.Start - start })]);
    }

    private static bool Fits(string word, string wanted, bool isPrefix, bool isStemming) =>
        word == wanted
        || (isPrefix && word.StartsWith(wanted, StringComparison.Ordinal))
        || (isStemming && wanted.Length > 3 && word.Length <= wanted.Length + Ending
            && word.StartsWith(wanted[..Math.Max(3, wanted.Length - Ending)], StringComparison.Ordinal));
}
