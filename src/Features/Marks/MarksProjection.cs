using System.Collections.Immutable;
using static EventFiles.Features.Marks.MarksEvent;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using FoldersEvent = EventFiles.Features.Folders.FoldersEvent;

namespace EventFiles.Features.Marks;

/// <summary>How one person marked one file or folder, as it is kept for them.</summary>
/// <param name="FavouredAt">Null when it is no favourite.</param>
public sealed record MarkView(
    Guid Entry, bool IsFolder, AccountId Account, DateTimeOffset? FavouredAt, ImmutableArray<TagMark> Tags);

/// <summary>A tag on an entry.</summary>
public sealed record TagMark(TagId Tag, DateTimeOffset At);

/// <summary>A tag, as it is kept for whose it is.</summary>
public sealed record TagView(TagId Id, AccountId Owner, string Name);

internal static class MarksProjection
{
    /// <summary>A person's favourites, by when they became some.</summary>
    public static string FavouritesOf(AccountId account) => $"favourites:{account}";

    /// <summary>What bears a tag, by when it was put on.</summary>
    public static string With(TagId tag) => $"tagged:{tag}";

    /// <summary>A person's tags, by key.</summary>
    public static string TagsOf(AccountId owner) => $"tags:{owner}";

    public static string KeyOf(Guid entry, AccountId account) => $"{entry}:{account}";

    /// <summary>By entry and account. Of what is deleted for good, its owner's marks go; others' are not shown any more.</summary>
    public static Projection<MarkView> Define() => new Projection<MarkView>("marks")
        .On<Favoured>((fact, happened) => KeyOf(fact.Entry, happened.Stream.Tenant), (view, fact, happened) =>
            (view ?? Bare(fact.Entry, fact.IsFolder, happened)) with { FavouredAt = view?.FavouredAt ?? happened.At })
        .On<Unfavoured>((fact, happened) => KeyOf(fact.Entry, happened.Stream.Tenant), (view, _, _) =>
            view is null ? null : OrNone(view with { FavouredAt = null }))
        .On<Tagged>((fact, happened) => KeyOf(fact.Entry, happened.Stream.Tenant), (view, fact, happened) =>
            With(view ?? Bare(fact.Entry, fact.IsFolder, happened), fact.Tag, happened.At))
        .On<Untagged>((fact, happened) => KeyOf(fact.Entry, happened.Stream.Tenant), (view, fact, _) =>
            view is null ? null : OrNone(view with { Tags = view.Tags.RemoveAll(mark => mark.Tag == fact.Tag) }))
        .On<DeleteEvent.Requested>((fact, happened) => KeyOf(fact.File.Value, happened.Stream.Tenant), (_, _, _) => null)
        .On<FoldersEvent.Deleted>((fact, happened) => KeyOf(fact.Folder.Value, happened.Stream.Tenant), (_, _, _) => null)
        .Indexed(Places);

    /// <summary>By tag id.</summary>
    public static Projection<TagView> DefineTags() => new Projection<TagView>("tags")
        .On<TagEvent.Created>(created => created.Tag.ToString(), (_, created, _) =>
            new TagView(created.Tag, created.Owner, created.Name))
        .On<TagEvent.Renamed>(renamed => renamed.Tag.ToString(), (view, renamed, _) =>
            view is null ? null : view with { Name = renamed.Name })
        .On<TagEvent.Deleted>(deleted => deleted.Tag.ToString(), (_, _, _) => null)
        .Indexed(view => [new IndexEntry(TagsOf(view.Owner), EntryName.Key(view.Name))]);

    private static MarkView Bare(Guid entry, bool isFolder, RecordedEvent happened) =>
        new(entry, isFolder, happened.Stream.Tenant, null, []);

    private static MarkView With(MarkView view, TagId tag, DateTimeOffset at) =>
        view.Tags.Any(mark => mark.Tag == tag) ? view : view with { Tags = view.Tags.Add(new TagMark(tag, at)) };

    private static MarkView? OrNone(MarkView view) => view is { FavouredAt: null, Tags.IsEmpty: true } ? null : view;

    private static IEnumerable<IndexEntry> Places(MarkView view) =>
    [
        .. view.FavouredAt is { } at ? (IndexEntry[])[new(FavouritesOf(view.Account), IndexEntry.Time(at))] : [],
        .. view.Tags.Select(mark => new IndexEntry(With(mark.Tag), IndexEntry.Time(mark.At))),
    ];
}
