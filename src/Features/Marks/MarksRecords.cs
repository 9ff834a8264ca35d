namespace EventFiles.Features.Marks;

/// <summary>A person's tags.</summary>
internal sealed class TagRecords(IReadModel<TagView> tags) : IPersonalRecords
{
    public string Name => "tags";

    public IAsyncEnumerable<object> Of(AccountId person, CancellationToken cancel) =>
        tags.All(MarksProjection.TagsOf(person), cancel).Select(tag => (object)new { tag.Id, tag.Name });
}

/// <summary>A person's favourites.</summary>
internal sealed class FavouriteRecords(IReadModel<MarkView> marks) : IPersonalRecords
{
    public string Name => "favourites";

    public IAsyncEnumerable<object> Of(AccountId person, CancellationToken cancel) =>
        marks.All(MarksProjection.FavouritesOf(person), cancel).Select(mark => (object)new { mark.Entry, mark.IsFolder, mark.FavouredAt });
}
