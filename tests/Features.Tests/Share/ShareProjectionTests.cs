using EventFiles.Features.Share;
using static EventFiles.Features.Tests.Share.People;

namespace EventFiles.Features.Tests.Share;

public sealed class ShareProjectionTests
{
    private static readonly ShareId First = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly LinkId Link = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));

    private static readonly ShareEvent.Granted Granted = new(Photo, First, Ravi, ShareRole.Viewer, Noon.AddDays(1));
    private static readonly ShareEvent.Changed Changed = new(Photo, First, Ravi, ShareRole.Editor, Until: null);
    private static readonly ShareEvent.Revoked Revoked = new(Photo, First, Ravi);
    private static readonly LinkEvent.Created Created = new(
        Photo, Link, "digest", HasPassword: false, LinkRole.Viewer, Until: null, MaxDownloads: 2);

    [Fact]
    public async Task A_share_stands_under_its_file_under_its_grantee_and_under_its_end()
    {
        var views = Shares().After(Olga, Granted);

        Assert.Equal(First, (await One(views, ShareProjection.Of(Photo))).Id);
        Assert.Equal(Olga, (await One(views, ShareProjection.With(Ravi))).Owner);
        Assert.Equal(Noon.AddDays(1), (await One(views, ShareProjection.Ending)).Until);
    }

    [Fact]
    public async Task A_share_without_an_end_is_never_due()
    {
        var views = Shares().After(Olga, Granted, Changed);

        Assert.Empty((await views.List(ShareProjection.Ending, null, 1, false, TestContext.Current.CancellationToken)).Items);
        Assert.Equal(ShareRole.Editor, (await One(views, ShareProjection.Of(Photo))).Role);
    }

    [Fact]
    public void A_share_that_was_taken_back_or_has_ended_is_listed_nowhere()
    {
        Assert.Empty(Shares().After(Olga, Granted, Revoked).Text);
        Assert.Empty(Shares().After(Olga, Granted, new ShareEvent.Ended(Photo, First, Ravi)).Text);
    }

    [Fact]
    public void A_change_heard_after_the_end_brings_nothing_back() =>
        Assert.Empty(Shares().After(Olga, Granted, Revoked, Changed).Text);

    [Fact]
    public async Task What_is_offered_to_an_address_is_found_by_it_and_stays_where_it_was_when_it_is_taken()
    {
        var offered = new ShareEvent.Offered(Photo, First, "Ravi@example.org", "ravi@example.org", ShareRole.Viewer, null, false, null);
        var views = Shares().After(Olga, offered);
        Assert.Equal(First, (await One(views, ShareProjection.To("ravi@example.org"))).Id);
        Assert.Equal(("Ravi@example.org", default(ShareGrantee)), ((await One(views, ShareProjection.Of(Photo))).Email, (await One(views, ShareProjection.Of(Photo))).Grantee));

        views = Shares().After(Olga, offered, Granted);
        Assert.Equal(("Ravi@example.org", Ravi), ((await One(views, ShareProjection.With(Ravi))).Email, new AccountId((await One(views, ShareProjection.Of(Photo))).Grantee.Id)));
        Assert.Empty(Shares().After(Olga, offered, Granted, Revoked, new ShareEvent.Withdrawn(Photo, First)).Text);
        Assert.Equal(Shares().After(Olga, offered, Granted).Text, Shares().After(Olga, offered, offered, Granted, Granted).Text);
    }

    [Fact]
    public void Shares_delivered_twice_are_the_same_shares() => Assert.Equal(
        Shares().After(Olga, Granted, Changed).Text,
        Shares().After(Olga, Granted, Granted, Changed, Changed).Text);

    [Fact]
    public async Task A_link_is_found_by_the_digest_of_its_token_and_never_by_more()
    {
        var views = Links().After(Olga, Created);

        Assert.Equal(Link, (await One(views, LinkProjection.ByToken("digest"))).Id);
        Assert.Equal(Link, (await One(views, LinkProjection.Of(Photo))).Id);
        Assert.Empty((await views.List(LinkProjection.ByToken("diges"), null, 1, false, TestContext.Current.CancellationToken)).Items);
    }

    [Fact]
    public void A_download_delivered_twice_is_counted_once()
    {
        LinkEvent.Used used = new(Photo, Link, 1);

        Assert.Equal(1, Links().After(Olga, Created, used, used).Of(Link.ToString())!.Downloads);
    }

    [Fact]
    public void A_link_that_was_taken_back_is_no_more()
    {
        LinkEvent.Revoked revoked = new(Photo, Link);

        Assert.Empty(Links().After(Olga, Created, revoked).Text);
        Assert.Empty(Links().After(Olga, Created, revoked, revoked, new LinkEvent.Used(Photo, Link, 1)).Text);
    }

    [Fact]
    public async Task A_link_into_a_folder_stands_beside_those_to_files_and_tells_how_many_files_came()
    {
        var folder = new FolderId(Letter.Value);
        var inbox = new LinkId(Letter.Value);
        InboxEvent.Received received = new(folder, inbox, Photo, 1);
        var views = Links().After(
            Olga, Created, new InboxEvent.Opened(folder, inbox, "other", "Your papers", HasPassword: false, null, 1, 1000), received, received);

        Assert.Equal(new InboxTerms("Your papers", 1, 1000, 1), (await One(views, LinkProjection.Of(folder))).Inbox);
        Assert.True((await One(views, LinkProjection.ByToken("other"))).HasEnded(Noon));
        Assert.Equal(2, (await views.List(LinkProjection.By(Olga), null, 10, false, TestContext.Current.CancellationToken)).Items.Count);
        Assert.Empty((await views.After(Olga, new InboxEvent.Closed(folder, inbox)).List(
            LinkProjection.Of(folder), null, 10, false, TestContext.Current.CancellationToken)).Items);
    }

    private static Views<ShareEntry> Shares() => new(ShareProjection.Define());

    private static Views<LinkEntry> Links() => new(LinkProjection.Define());

    private static async Task<TView> One<TView>(Views<TView> views, string index) where TView : class =>
        Assert.Single((await views.List(index, null, 10, false, TestContext.Current.CancellationToken)).Items);
}
