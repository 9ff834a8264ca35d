using EventFiles.Features.Folders;

namespace EventFiles.Features.Tests.Folders;

public sealed class ChildrenSortTests
{
    [Theory]
    [InlineData("name", true)]
    [InlineData("-type", true)]
    [InlineData("-modifiedAt", true)]
    [InlineData("-", false)]
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
