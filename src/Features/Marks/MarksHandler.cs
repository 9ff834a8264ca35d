using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Marks.MarksRejection;

namespace EventFiles.Features.Marks;

/// <summary>Marks files and folders for one person, and shows what they have marked.</summary>
internal sealed class MarksHandler(
    IStreams streams, IReadModel<MarkView> marks, IReadModel<TagView> tags, IAccess access, IFiles files, IFolders folders) :
    IRequestHandler<SetFavourite, Answer<Done>>,
    IRequestHandler<SetTag, Answer<Done>>,
    IRequestHandler<ListFavourites, Answer<Page<MarkedEntry>>>,
    IRequestHandler<ListTagged, Answer<Page<MarkedEntry>>>,
    IRequestHandler<ReadMarks, Answer<MarksReply>>
{
    public async Task<Answer<Done>> Handle(SetFavourite ask, CancellationToken cancellationToken) =>
        // A mark may be taken off what one may not read any more.
        ask.IsFavourite && await MayRead(ask.By, ask.Entry, ask.IsFolder, cancellationToken) is { } no ? no
        : await Decide(
            ask.By, ask.Entry,
            ask.IsFavourite ? new MarksCommand.Favour(ask.Entry, ask.IsFolder) : new MarksCommand.Unfavour(ask.Entry),
            null, cancellationToken);

    public async Task<Answer<Done>> Handle(SetTag ask, CancellationToken cancellationToken)
    {
        if (await Own(ask.By, ask.Tag, cancellationToken) is null)
            return No.NoSuchTag;
        return ask.IsTagged && await MayRead(ask.By, ask.Entry, ask.IsFolder, cancellationToken) is { } no ? no
            : await Decide(
                ask.By, ask.Entry,
                ask.IsTagged ? new MarksCommand.Tag(ask.Entry, ask.IsFolder, ask.Tag) : new MarksCommand.Untag(ask.Entry, ask.Tag),
                ask.Tag, cancellationToken);
    }

    public async Task<Answer<Page<MarkedEntry>>> Handle(ListFavourites ask, CancellationToken cancellationToken) =>
        await Shown(
            ask.By, await marks.List(MarksProjection.FavouritesOf(ask.By.Account), ask.Cursor, ask.Limit, true, cancellationToken),
            view => view.FavouredAt, cancellationToken);

    public async Task<Answer<Page<MarkedEntry>>> Handle(ListTagged ask, CancellationToken cancellationToken) =>
        await Own(ask.By, ask.Tag, cancellationToken) is null ? No.NoSuchTag
        : await Shown(
            ask.By, await marks.List(MarksProjection.With(ask.Tag), ask.Cursor, ask.Limit, true, cancellationToken),
            view => view.Tags.FirstOrDefault(mark => mark.Tag == ask.Tag)?.At, cancellationToken);

    public async Task<Answer<MarksReply>> Handle(ReadMarks ask, CancellationToken cancellationToken)
    {
        var views = (await Task.WhenAll(ask.Entries!.Distinct().Select(entry =>
            marks.Find(MarksProjection.KeyOf(entry, ask.By.Account), cancellationToken)))).OfType<MarkView>().ToList();
        var borne = views.SelectMany(view => view.Tags).Select(mark => mark.Tag).Distinct();
        var known = (await Task.WhenAll(borne.Select(tag => Own(ask.By, tag, cancellationToken)))).OfType<TagView>()
            .ToDictionary(tag => tag.Id, tag => new TagReply(tag.Id, tag.Name));
        // A tag that was deleted is still noted here and there, and shown nowhere.
        return new MarksReply([.. views.Select(view => new EntryMarks(
            view.Entry, view.FavouredAt is not null,
            [.. view.Tags.Where(mark => known.ContainsKey(mark.Tag)).Select(mark => known[mark.Tag])]))]);
    }

    private Task<Answer<Done>> Decide(
        Caller by, Guid entry, MarksCommand command, TagId? tag, CancellationToken cancel) =>
        streams.Transact<Done>(
            async transaction =>
                tag is { } bearing && !(await transaction.Load(TagDecider.StreamOf(bearing, by.Account), TagDecider.Decider)).Exists
                    ? No.NoSuchTag
                : await transaction.Decide(MarksDecider.StreamOf(entry, by.Account), MarksDecider.Decider, command) is { } no ? no
                : new Done(),
            cancel);

    private async Task<Rejection?> MayRead(Caller by, Guid entry, bool isFolder, CancellationToken cancel) =>
        isFolder ? (await folders.Find(by, new FolderId(entry), cancel)).Refusal
        : await access.Ask(by, new FileId(entry), FileAction.Read, cancel) switch
        {
            Answer<FileAccess>.Yes({ IsDeleted: true }, _) => AccessRejection.NoSuchFile,
            var leave => leave.Refusal,
        };

    private async Task<TagView?> Own(Caller by, TagId tag, CancellationToken cancel) =>
        await tags.Find(tag.ToString(), cancel) is { } view && view.Owner == by.Account ? view : null;

    // What is in the trash, gone, or not shared any more is not shown.
    private async Task<Page<MarkedEntry>> Shown(
        Caller by, Page<MarkView> page, Func<MarkView, DateTimeOffset?> at, CancellationToken cancel)
    {
        var shown = await Task.WhenAll(page.Items.Select(view => view.IsFolder
            ? Folder(by, view, at(view) ?? default, cancel)
            : File(by, view, at(view) ?? default, cancel)));
        return new Page<MarkedEntry>([.. shown.OfType<MarkedEntry>()], page.NextCursor);
    }

    private async Task<MarkedEntry?> Folder(Caller by, MarkView view, DateTimeOffset at, CancellationToken cancel)
    {
        var folder = new FolderId(view.Entry);
        return await folders.NameOf(by.Account, folder, cancel) is { } name
            ? new MarkedEntry(
                "folder", view.Entry, name, await folders.ParentOf(by.Account, folder, cancel), 0, null, null, 0, null, at)
            : null;
    }

    private async Task<MarkedEntry?> File(Caller by, MarkView view, DateTimeOffset at, CancellationToken cancel)
    {
        var id = new FileId(view.Entry);
        return await access.Ask(by, id, FileAction.Read, cancel) is Answer<FileAccess>.Yes({ IsTrashed: false, IsDeleted: false }, _)
            && await files.Find(id, cancel) is { } file
            ? new MarkedEntry(
                "file", view.Entry, file.Name, file.Owner == by.Account ? file.FolderId : null, file.SizeBytes, file.ContentType,
                file.Status, file.Version, file.Variants.FirstOrDefault(made => ThumbnailVariants.Names.Contains(made.Name))?.Name, at)
            : null;
    }
}
