using EventFiles.Features.Folders;

namespace EventFiles.Features.Tests.Folders;

public sealed class ChildrenSortTests
{
    [Theory]
    [InlineData("file2", "file10")]
    [InlineData("file9.txt", "file10.txt")]
    [InlineData("1", "2")]
    [InlineData("2", "11")]
    [InlineData("v1.9.0", "v1.10.0")]
    [InlineData("a007", "a8")]
    [InlineData("0", "1")]
    [InlineData("file", "file1")]
    [InlineData("9", "a")]
    [InlineData("apple", "Banana")]
    [InlineData("Apple", "banana")]
    [InlineData("99999999999999999999999998", "99999999999999999999999999")]
    [InlineData("99999999999999999999999999", "100000000000000000000000000")]
    public void Names_stand_as_people_expect(string first, string second) =>
        Assert.True(string.CompareOrdinal(ChildrenSort.Natural(first), ChildrenSort.Natural(second)) < 0);

    [Theory]
    [InlineData("Report.PDF", "report.pdf")]
    [InlineData("cafe\u0301", "caf\u00e9")]
    [InlineData("a07", "a7")]
    [InlineData("000", "0")]
    public void Case_composition_and_leading_zeros_make_no_difference(string one, string other) =>
        Assert.Equal(ChildrenSort.Natural(one), ChildrenSort.Natural(other));

    [Theory]
    [InlineData("name", true)]
    [InlineData("-type", true)]
    [InlineData("colour", false)]
    [InlineData("Name", false)]
    [InlineData("--name", false)]
    [InlineData("", false)]
    public void Only_known_orders_are_taken(string sort, bool isTaken)
    {
        var caller = new Caller(default, default, false);
        Assert.Equal(isTaken, new ListChildrenShape().Validate(new ListChildren(caller, default, sort, null, 10)).IsValid);
    }
}
