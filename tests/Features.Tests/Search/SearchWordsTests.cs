using EventFiles.Features.Search;

namespace EventFiles.Features.Tests.Search;

public sealed class SearchWordsTests
{
    [Theory]
    [InlineData("Quarterly_Report-2024.PDF", "quarterly report 2024 pdf")]
    [InlineData("Ärger über Straße, Ísland & Łódź", "arger uber strasse island lodz")]
    [InlineData("Crème brûlée ﬁne Ｗｉｄｅ", "creme brulee fine wide")]
    [InlineData("東京タワー", "東 京 タ ワ ー")]
    [InlineData("  ...  ", "")]
    [InlineData("наЙти 👍 it", "наити it")]
    public void A_text_is_folded(string text, string folded) => Assert.Equal(folded, SearchFold.Of(text));

    [Theory]
    [InlineData("tax report", "(tax) (report*)")]
    [InlineData("tax report ", "(tax) (report)")]
    [InlineData("rep* tax ", "(rep*) (tax)")]
    [InlineData("\"annual report\" 2024 ", "(annual report) (2024)")]
    [InlineData("report -draft", "(report) -(draft)")]
    [InlineData("-\"first draft\" report ", "-(first draft) (report)")]
    [InlineData("foo-bar ", "(foo bar)")]
    [InlineData("a", "(a)")]
    [InlineData("'; drop table & | ! ( ) :* <-> \\", "(drop) (table)")]
    [InlineData("\"open ended", "(open ended)")]
    [InlineData("- ", "")]
    [InlineData("", "")]
    public void What_is_typed_is_read(string typed, string terms) => Assert.Equal(
        terms,
        string.Join(' ', SearchWords.Read(typed).Select(term =>
            $"{(term.IsExcluded ? "-" : "")}({string.Join(' ', term.Words)}{(term.IsPrefix ? "*" : "")})")));

    [Theory]
    [InlineData("Ärger-Bericht.pdf", "bericht arg", "[Ärger]-[Bericht].pdf")]
    [InlineData("<b>tax</b>", "tax ", "<b>[tax]</b>")]
    [InlineData("report", "-report tax", "report")]
    [InlineData("👍 tax 👍 tax", "tax", "👍 [tax] 👍 [tax]")]
    public void What_fits_is_marked_where_it_stands(string text, string typed, string marked)
    {
        var marks = SearchMarks.In(text, SearchWords.Read(typed), isStemming: false);
        foreach (var mark in marks.Reverse())
            text = $"{text[..mark.Start]}[{text.Substring(mark.Start, mark.Length)}]{text[(mark.Start + mark.Length)..]}";
        Assert.Equal(marked, text);
    }

    [Fact]
    public void A_snippet_stands_around_the_first_hit()
    {
        var text = $"{string.Concat(Enumerable.Repeat("nothing of use ", 50))}the needle {string.Concat(Enumerable.Repeat("and more hay ", 50))}";
        var snippet = SearchMarks.Snippet(text, SearchWords.Read("needle "), isStemming: false)!;
        Assert.InRange(snippet.Text.Length, 50, 220);
        var mark = Assert.Single(snippet.Marks);
        Assert.Equal("needle", snippet.Text.Substring(mark.Start, mark.Length));
        Assert.Null(SearchMarks.Snippet(text, SearchWords.Read("absent "), isStemming: false));
    }
}
