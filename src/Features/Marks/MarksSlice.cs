namespace EventFiles.Features.Marks;

/// <summary>Lets people mark files and folders for themselves: as favourites, and with tags of their own.</summary>
public static class MarksSlice
{
    public static Slice Define() => new Slice("marks")
        .Serves(MarksEndpoint.Map)
        .Serves(TagEndpoint.Map)
        .Answers<SetFavourite, Done, MarksHandler>()
        .Answers<SetTag, Done, MarksHandler>()
        .Answers<ListFavourites, Page<MarkedEntry>, MarksHandler, ListFavouritesShape>()
        .Answers<ListTagged, Page<MarkedEntry>, MarksHandler, ListTaggedShape>()
        .Answers<ReadMarks, MarksReply, MarksHandler, ReadMarksShape>()
        .Answers<ListTags, Page<TagReply>, TagHandler, ListTagsShape>()
        .Answers<CreateTag, TagReply, TagHandler, CreateTagShape>()
        .Answers<RenameTag, TagReply, TagHandler, RenameTagShape>()
        .Answers<DeleteTag, Done, TagHandler>()
        .Stores<MarksEvent.Favoured>("marks.favoured.v1")
        .Stores<MarksEvent.Unfavoured>("marks.unfavoured.v1")
        .Stores<MarksEvent.Tagged>("marks.tagged.v1")
        .Stores<MarksEvent.Untagged>("marks.untagged.v1")
        .Stores<TagEvent.Created>("marks.tag-created.v1")
        .Stores<TagEvent.Renamed>("marks.tag-renamed.v1")
        .Stores<TagEvent.Deleted>("marks.tag-deleted.v1")
        .Claiming<TagEvent.Created>(created => TagDecider.Claim(created.Tag, created.Owner, created.Name))
        .Claiming<TagEvent.Renamed>(renamed => TagDecider.Claim(renamed.Tag, renamed.Owner, renamed.Name))
        .Claiming<TagEvent.Deleted>(deleted => TagDecider.NoClaim(deleted.Tag))
        .Shows(MarksProjection.Define())
        .Shows(MarksProjection.DefineTags())
        .Archives<TagEvent.Deleted>((_, happened) => happened.Stream.Name, TagDecider.Decider.Until(tag => !tag.Exists))
        .Offers<IBulkAction, FavouriteAction.OfFile>()
        .Offers<IBulkAction, FavouriteAction.OfFolder>()
        .Offers<IBulkAction, FavouriteAction.NotOfFile>()
        .Offers<IBulkAction, FavouriteAction.NotOfFolder>()
        .Offers<IBulkAction, TagAction.OfFile>()
        .Offers<IBulkAction, TagAction.OfFolder>()
        .Offers<IBulkAction, TagAction.NotOfFile>()
        .Offers<IBulkAction, TagAction.NotOfFolder>();
}
