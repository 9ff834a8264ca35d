using MediatR;
using No = EventFiles.Features.Marks.MarksRejection;

namespace EventFiles.Features.Marks;

/// <summary>Keeps a person's tags.</summary>
internal sealed class TagHandler(IStreams streams, IReadModel<TagView> tags, TimeProvider clock) :
    IRequestHandler<ListTags, Answer<Page<TagReply>>>,
    IRequestHandler<CreateTag, Answer<TagReply>>,
    IRequestHandler<RenameTag, Answer<TagReply>>,
    IRequestHandler<DeleteTag, Answer<Done>>
{
    public async Task<Answer<Page<TagReply>>> Handle(ListTags ask, CancellationToken cancellationToken) =>
        (await tags.List(MarksProjection.TagsOf(ask.By.Account), ask.Cursor, ask.Limit, false, cancellationToken))
        .Map(tag => new TagReply(tag.Id, tag.Name));

    public Task<Answer<TagReply>> Handle(CreateTag ask, CancellationToken cancellationToken)
    {
        var tag = NewId.Of<TagId>(clock);
        return Decide(
            ask.By.Account, tag, new TagCommand.Create(tag, ask.By.Account, ask.Name), new TagReply(tag, ask.Name), cancellationToken);
    }

    public async Task<Answer<TagReply>> Handle(RenameTag ask, CancellationToken cancellationToken) =>
        await IsOwn(ask.By, ask.Tag, cancellationToken)
            ? await Decide(
                ask.By.Account, ask.Tag, new TagCommand.Rename(ask.Tag, ask.By.Account, ask.Name), new TagReply(ask.Tag, ask.Name),
                cancellationToken)
            : No.NoSuchTag;

    public async Task<Answer<Done>> Handle(DeleteTag ask, CancellationToken cancellationToken) =>
        await IsOwn(ask.By, ask.Tag, cancellationToken)
            ? await Decide(ask.By.Account, ask.Tag, new TagCommand.Remove(ask.Tag), new Done(), cancellationToken)
            : No.NoSuchTag;

    private async Task<bool> IsOwn(Caller by, TagId tag, CancellationToken cancel) =>
        await tags.Find(tag.ToString(), cancel) is { } view && view.Owner == by.Account;

    private Task<Answer<T>> Decide<T>(AccountId owner, TagId tag, TagCommand command, T reply, CancellationToken cancel) =>
        streams.Transact<T>(
            async transaction => await transaction.Decide(TagDecider.StreamOf(tag, owner), TagDecider.Decider, command) is { } no
                ? no
                : reply,
            cancel);
}
