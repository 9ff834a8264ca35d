namespace EventFiles.Features.Search;

/// <summary>Reads what somebody typed: words, "phrases", -without, and begin*.</summary>
public static class SearchWords
{
    /// <summary>More would be no question of a person.</summary>
    public const int MostTerms = 32;

    // A shorter beginning fits half of everything.
    private const int ShortestGuess = 2;

    /// <summary>The terms; the last word may go on, because whoever types it may not have ended.</summary>
    public static IReadOnlyList<SearchTerm> Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var terms = new List<SearchTerm>();
        for (var at = 0; at < text.Length && terms.Count < MostTerms;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var isExcluded = text[at] == '-' && at + 1 < text.Length && !char.IsWhiteSpace(text[at + 1]);
            var begin = isExcluded ? at + 1 : at;
            var isPhrase = text[begin] == '"';
            var end = isPhrase ? text.IndexOf('"', begin + 1) : IndexOfSpace(text, begin);
            if (end < 0)
                end = text.Length;
            var raw = text[(isPhrase ? begin + 1 : begin)..end];
            at = end + 1;
            string[] words = [.. SearchFold.Words(raw).Select(word => word.Folded)];
            if (words.Length == 0)
                continue;
            var isLast = !isPhrase && !isExcluded && end == text.Length && words[^1].Length >= ShortestGuess;
            terms.Add(new SearchTerm(words, isLast || (!isPhrase && raw.EndsWith('*')), isExcluded));
        }

        return terms;
    }

    private static int IndexOfSpace(string text, int from)
    {
        for (var at = from; at < text.Length; at++)
        {
            if (char.IsWhiteSpace(text[at]))
                return at;
        }

        return -1;
    }
}
