using System.Text.Json;
using EventFiles.Features.Bulk;
using static EventFiles.Features.Bulk.BulkCommand;
using static EventFiles.Features.Bulk.BulkEvent;

namespace EventFiles.Features.Tests.Bulk;

public sealed class BulkShapeTests
{
    private static readonly Guid Id = Guid.Parse("00000000-0000-7000-8000-000000000001");
    private static readonly BulkItem File = new(BulkKind.File, Id);

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(1000, true)]
    [InlineData(1001, false)]
    public void One_to_a_thousand_items_are_taken(int count, bool isTaken) =>
        Assert.Equal(isTaken, IsTaken(BulkVerb.Trash, [.. Enumerable.Repeat(File, count)], null));

    [Fact]
    public void What_goes_somewhere_needs_a_folder()
    {
        Assert.False(IsTaken(BulkVerb.Move, [File], null));
        Assert.False(IsTaken(BulkVerb.Copy, [File], null));
        Assert.True(IsTaken(BulkVerb.Move, [File], new FolderId(Id)));
        Assert.False(IsTaken(BulkVerb.Tag, [File], null));
        Assert.True(IsTaken(BulkVerb.Tag, [File], null, new TagId(Id)));
        Assert.False(IsTaken(BulkVerb.Trash, null, null));
        Assert.False(IsTaken(BulkVerb.Trash, [null!], null));
    }

    [Theory]
    [InlineData("\"move\"", true)]
    [InlineData("\"burn\"", false)]
    [InlineData("0", false)]
    public void Verbs_are_words(string json, bool isRead)
    {
        if (isRead)
            Assert.Equal(BulkVerb.Move, JsonSerializer.Deserialize<BulkVerb>(json));
        else
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<BulkVerb>(json));
    }

    [Fact]
    public void That_all_was_asked_for_is_noted_once() =>
        new Specification<BulkCommand, BulkState, BulkEvent>(BulkDecider.Decider, DateTimeOffset.UnixEpoch)
            .Given()
            .When(new End(Id, "move", 3, 1))
            .Then(new Ended(Id, "move", 3, 1));

    private static bool IsTaken(BulkVerb verb, IReadOnlyList<BulkItem>? items, FolderId? folder, TagId? tag = null) =>
        new DoInBulkShape().Validate(new DoInBulk(new Caller(default, default, false), verb, items, folder, tag)).IsValid;
}
