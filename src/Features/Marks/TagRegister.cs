namespace EventFiles.Features.Marks;

/// <summary>Tags, as other slices ask for them.</summary>
internal sealed class TagRegister(IReadModel<TagView> tags) : ITags
{
    public async Task<IReadOnlyDictionary<TagId, string>> Of(AccountId account, CancellationToken cancel) =>
        (await tags.List(MarksProjection.TagsOf(account), null, 1000, descending: false, cancel)).Items
        .ToDictionary(tag => tag.Id, tag => tag.Name);
}
