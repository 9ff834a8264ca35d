using EventFiles.Features.Delete;
using EventFiles.Features.Marks;
using static EventFiles.Features.Marks.MarksCommand;
using static EventFiles.Features.Marks.MarksEvent;

namespace EventFiles.Features.Tests.Marks;

public sealed class MarksDeciderTests
{
    private static readonly AccountId Olga = new(Uuid(1));
    private static readonly Guid Photo = Uuid(2);
    private static readonly TagId Trip = new(Uuid(3));
    private static readonly TagId Other = new(Uuid(4));

    private readonly Specification<MarksCommand, MarksState, MarksEvent> marks = new(MarksDecider.Decider, DateTimeOffset.UnixEpoch);
    private readonly Specification<TagCommand, TagState, TagEvent> tags = new(TagDecider.Decider, DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_file_becomes_a_favourite_and_none_again()
    {
        marks.Given().When(new Favour(Photo, false)).Then(new Favoured(Photo, false));
        marks.Given(new Favoured(Photo, false)).When(new Unfavour(Photo)).Then(new Unfavoured(Photo));
        marks.Given().When(new Unfavour(Photo)).ThenNothing();
    }

    [Fact]
    public void A_tag_is_put_on_once_and_taken_off()
    {
        marks.Given().When(new Tag(Photo, true, Trip)).Then(new Tagged(Photo, true, Trip));
        marks.Given(new Tagged(Photo, true, Trip)).When(new Untag(Photo, Trip)).Then(new Untagged(Photo, Trip));
        marks.Given(new Tagged(Photo, true, Trip)).When(new Untag(Photo, Other)).ThenNothing();
    }

    [Fact]
    public void Fifty_tags_are_enough()
    {
        MarksEvent[] fifty = [.. Enumerable.Range(10, 50).Select(number => new Tagged(Photo, false, new TagId(Uuid(number))))];
        marks.Given(fifty).When(new Tag(Photo, false, Trip)).ThenRejected(MarksRejection.TooManyTags);
        marks.Given(fifty).When(new Tag(Photo, false, new TagId(Uuid(10)))).ThenNothing();
        marks.Given([.. fifty, new Untagged(Photo, new TagId(Uuid(10)))])
            .When(new Tag(Photo, false, Trip)).Then(new Tagged(Photo, false, Trip));
    }

    [Fact]
    public void A_tag_is_made_renamed_and_deleted()
    {
        tags.Given().When(new TagCommand.Create(Trip, Olga, "Trip")).Then(new TagEvent.Created(Trip, Olga, "Trip"));
        var made = new TagEvent.Created(Trip, Olga, "Trip");
        tags.Given(made).When(new TagCommand.Rename(Trip, Olga, "trip")).Then(new TagEvent.Renamed(Trip, Olga, "trip"));
        tags.Given(made).When(new TagCommand.Remove(Trip)).Then(new TagEvent.Deleted(Trip));
        tags.Given(made, new TagEvent.Deleted(Trip)).When(new TagCommand.Rename(Trip, Olga, "a")).ThenRejected(MarksRejection.NoSuchTag);
    }

    [Theory]
    [InlineData("trip", true)]
    [InlineData("2026/11 \u5c65\u6b74", true)]
    [InlineData("..", true)]
    [InlineData("", false)]
    [InlineData("  ", false)]
    [InlineData("a\u0000", false)]
    [InlineData("a\u202eb", false)]
    [InlineData("a\ud800", false)]
    public void A_tag_can_be_read(string name, bool isTag) => Assert.Equal(isTag, TagDecider.Problem(name) is null);

    [Fact]
    public void A_tag_is_not_long()
    {
        Assert.Null(TagDecider.Problem(new string('a', 100)));
        Assert.NotNull(TagDecider.Problem(new string('a', 101)));
        Assert.NotNull(TagDecider.Problem(new string('ä', 51)));
    }

    [Fact]
    public void What_is_marked_stands_in_the_lists_of_whoever_marked_it()
    {
        var told = new Telling<MarkView>(MarksProjection.Define(), Olga)
            .Tell(new Favoured(Photo, false), new Tagged(Photo, false, Trip), new Favoured(Uuid(9), true));
        var key = MarksProjection.KeyOf(Photo, Olga);
        Assert.Equal([key, MarksProjection.KeyOf(Uuid(9), Olga)], told.Index(MarksProjection.FavouritesOf(Olga)));
        Assert.Equal([key], told.Index(MarksProjection.With(Trip)));
        told.Tell(new Unfavoured(Photo));
        Assert.Equal([key], told.Index(MarksProjection.With(Trip)));
        told.Tell(new Untagged(Photo, Trip));
        Assert.Null(told.View(key));
    }

    [Fact]
    public void What_is_deleted_for_good_is_marked_no_more()
    {
        var told = new Telling<MarkView>(MarksProjection.Define(), Olga)
            .Tell(new Favoured(Photo, false), new DeleteEvent.Requested(new FileId(Photo), Olga));
        Assert.Empty(told.Index(MarksProjection.FavouritesOf(Olga)));
    }

    private static Guid Uuid(int number) => new(number, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 0);
}
