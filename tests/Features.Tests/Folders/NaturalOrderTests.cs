using EventFiles.Features.Folders;

namespace EventFiles.Features.Tests.Folders;

public sealed class NaturalOrderTests
{
    [Theory]
    [InlineData("file2", "file10")]
    [InlineData("file 2.txt", "file 10.txt")]
    [InlineData("file9.txt", "file10.txt")]
    [InlineData("1", "2")]
    [InlineData("2", "11")]
    [InlineData("v1.9.0", "v1.10.0")]
    [InlineData("a007", "a8")]
    [InlineData("0", "1")]
    [InlineData("file", "file1")]
    [InlineData("file.txt", "file1.txt")]
    [InlineData("9", "a")]
    [InlineData("apple", "Banana")]
    [InlineData("Apple", "banana")]
    [InlineData("_draft", "1")]
    [InlineData("_draft", "Answer")]
    [InlineData("a b", "a_b")]
    [InlineData("a_b", "ab")]
    [InlineData("99999999999999999999999998", "99999999999999999999999999")]
    [InlineData("99999999999999999999999999", "100000000000000000000000000")]
    public void Names_stand_as_people_expect(string first, string second) => Stands(first, second);

    [Theory]
    [InlineData("Äpfel", "Banane")]
    [InlineData("Apfel", "Äpfel")]
    [InlineData("Äpfel", "Apfelmus")]
    [InlineData("éclair", "egg")]
    [InlineData("Straße", "Strauch")]
    [InlineData("Łódź", "Lublin")]
    [InlineData("Ørsted", "Otter")]
    [InlineData("cœur", "corps")]
    [InlineData("zebra", "αλφα")]
    [InlineData("άλφα", "βήτα")]
    [InlineData("ωμέγα", "азбука")]
    [InlineData("ёлка", "жук")]
    [InlineData("икс", "йод")]
    [InlineData("июль", "йод")]
    [InlineData("їжак", "кіт")]
    [InlineData("яблоко", "אבג")]
    [InlineData("かき", "カク")]
    [InlineData("ガ", "キ")]
    [InlineData("가", "각")]
    [InlineData("가나", "각")]
    [InlineData("कमल", "कुमार")]
    [InlineData("第2章", "第10章")]
    [InlineData("第２章", "第10章")]
    [InlineData("٢", "١٠")]
    [InlineData("ﬁle 2", "file 10")]
    [InlineData("zebra", "😀")]
    public void Every_script_has_its_order(string first, string second) => Stands(first, second);

    [Theory]
    [InlineData("Report.PDF", "report.pdf")]
    [InlineData("cafe\u0301", "caf\u00e9")]
    public void Case_and_composition_make_no_difference(string one, string other) =>
        Assert.Equal(NaturalOrder.Of(one), NaturalOrder.Of(other));

    [Theory]
    [InlineData("resume", "résumé")]
    [InlineData("a7", "a07")]
    [InlineData("a7", "a007")]
    [InlineData("0", "000")]
    public void Names_that_differ_in_little_stand_side_by_side_and_always_in_the_same_order(string first, string second)
    {
        Stands(first, second);
        Stands(second, first + "a");
    }

    [Fact]
    public void The_longest_names_still_fit_into_a_cursor()
    {
        var widest = string.Concat(Enumerable.Repeat("\uFDFA", EntryName.MaxBytes / 3));
        Assert.Null(EntryName.Problem(widest));
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(NaturalOrder.Of(widest)), 1, 2048);
    }

    // Of a machine that knows no composition, two spellings of one name would be two names.
    [Fact]
    public void This_program_knows_what_characters_are_made_of() =>
        Assert.Equal("e\u0301", "\u00e9".Normalize(System.Text.NormalizationForm.FormD));

    private static void Stands(string first, string second) => Assert.True(
        string.CompareOrdinal(NaturalOrder.Of(first), NaturalOrder.Of(second)) < 0,
        $"{first} ({NaturalOrder.Of(first)}) does not stand before {second} ({NaturalOrder.Of(second)}).");
}
