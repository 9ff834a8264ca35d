using MediatR;

namespace EventFiles.Features.Marks;

/// <summary>Many files or folders among the favourites, or out of them.</summary>
internal abstract class FavouriteAction(IRequestHandler<SetFavourite, Answer<Done>> handler, bool ofFolders, bool isFavourite) : IBulkAction
{
    public BulkVerb Verb => isFavourite ? BulkVerb.Favourite : BulkVerb.Unfavourite;

    public bool OfFolders => ofFolders;

    public Task<Answer<Done>> Do(Guid entry, BulkOrder order, CancellationToken cancel) =>
        handler.Handle(new SetFavourite(order.By, entry, ofFolders, isFavourite), cancel);

    internal sealed class OfFile(IRequestHandler<SetFavourite, Answer<Done>> handler) : FavouriteAction(handler, false, true);

    internal sealed class OfFolder(IRequestHandler<SetFavourite, Answer<Done>> handler) : FavouriteAction(handler, true, true);

    internal sealed class NotOfFile(IRequestHandler<SetFavourite, Answer<Done>> handler) : FavouriteAction(handler, false, false);

    internal sealed class NotOfFolder(IRequestHandler<SetFavourite, Answer<Done>> handler) : FavouriteAction(handler, true, false);
}

/// <summary>A tag on many files or folders, or off them.</summary>
internal abstract class TagAction(IRequestHandler<SetTag, Answer<Done>> handler, bool ofFolders, bool isTagged) : IBulkAction
{
    public BulkVerb Verb => isTagged ? BulkVerb.Tag : BulkVerb.Untag;

    public bool OfFolders => ofFolders;

    public async Task<Answer<Done>> Do(Guid entry, BulkOrder order, CancellationToken cancel) =>
        order.Tag is { } tag
            ? await handler.Handle(new SetTag(order.By, entry, ofFolders, tag, isTagged), cancel)
            : MarksRejection.NoSuchTag;

    internal sealed class OfFile(IRequestHandler<SetTag, Answer<Done>> handler) : TagAction(handler, false, true);

    internal sealed class OfFolder(IRequestHandler<SetTag, Answer<Done>> handler) : TagAction(handler, true, true);

    internal sealed class NotOfFile(IRequestHandler<SetTag, Answer<Done>> handler) : TagAction(handler, false, false);

    internal sealed class NotOfFolder(IRequestHandler<SetTag, Answer<Done>> handler) : TagAction(handler, true, false);
}
