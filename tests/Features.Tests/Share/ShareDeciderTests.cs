using EventFiles.Features.Share;
using static EventFiles.Features.Share.ShareCommand;
using static EventFiles.Features.Share.ShareEvent;
using static EventFiles.Features.Tests.Share.People;

namespace EventFiles.Features.Tests.Share;

public sealed class ShareDeciderTests
{
    private static readonly ShareId First = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly ShareId Second = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));

    private static readonly FolderId Papers = new(Guid.Parse("00000000-0000-7000-8000-0000000000d1"));
    private static readonly GroupId Team = new(Guid.Parse("00000000-0000-7000-8000-0000000000b1"));

    private static readonly Granted RaviMayRead = new(Photo, First, Ravi, ShareRole.Viewer, Until: null);

    private readonly Specification<ShareCommand, ShareState, ShareEvent> share = new(ShareDecider.Decider, Noon);

    [Fact]
    public void The_owner_may_let_someone_read() => share
        .Given()
        .When(LetRavi(First, ShareRole.Viewer))
        .Then(RaviMayRead);

    [Fact]
    public void The_same_grant_again_is_the_same_grant() => share
        .Given(RaviMayRead)
        .When(LetRavi(Second, ShareRole.Viewer))
        .ThenNothing();

    [Fact]
    public void Another_role_changes_the_grant_that_is_there() => share
        .Given(RaviMayRead)
        .When(LetRavi(Second, ShareRole.Editor))
        .Then(new Changed(Photo, First, Ravi, ShareRole.Editor, Until: null));

    [Fact]
    public void Another_end_changes_the_grant_that_is_there() => share
        .Given(RaviMayRead)
        .When(LetRavi(Second, ShareRole.Viewer, Noon.AddDays(1)))
        .Then(new Changed(Photo, First, Ravi, ShareRole.Viewer, Noon.AddDays(1)));

    [Fact]
    public void A_grant_that_has_ended_can_be_renewed() => share
        .Given(new Granted(Photo, First, Ravi, ShareRole.Viewer, Noon.AddDays(-1)))
        .When(LetRavi(Second, ShareRole.Viewer))
        .Then(new Changed(Photo, First, Ravi, ShareRole.Viewer, Until: null));

    [Fact]
    public void After_it_was_taken_back_a_grant_is_a_new_one() => share
        .Given(RaviMayRead, new Revoked(Photo, First, Ravi))
        .When(LetRavi(Second, ShareRole.Viewer))
        .Then(new Granted(Photo, Second, Ravi, ShareRole.Viewer, Until: null));

    [Fact]
    public void What_is_offered_to_an_address_is_one_offer_that_may_change()
    {
        share.Given().When(ToZoe(First, ShareRole.Viewer)).Then(Offered(ShareRole.Viewer));
        share.Given(Offered(ShareRole.Viewer)).When(ToZoe(Second, ShareRole.Viewer)).ThenNothing();
        share.Given(Offered(ShareRole.Viewer)).When(ToZoe(Second, ShareRole.Editor)).Then(Offered(ShareRole.Editor));
        share.Given().When(ToZoe(First, ShareRole.Uploader)).ThenRejected(ShareRejection.OnlyIntoFolders);
        share.Given().When(ToZoe(First, ShareRole.Viewer) with { Until = Noon }).ThenRejected(ShareRejection.AlreadyExpired);
        share.Given().When(ToZoe(First, ShareRole.Viewer) with { MayShare = true }).ThenRejected(ShareRejection.OnlyEditorsShare);
        share.Given(Offered(ShareRole.Viewer)).When(ToZoe(Second, ShareRole.Editor) with { By = Ravi }).ThenRejected(ShareRejection.OwnersOnly);
        share.Given(new Closed(Photo)).When(ToZoe(First, ShareRole.Viewer)).ThenRejected(AccessRejection.NoSuchFile);
    }

    [Fact]
    public void Who_has_the_address_takes_what_is_offered_there_and_what_changes_later_too()
    {
        var take = new Take(Photo, Olga, First, Mei);
        var taken = new Taken(Photo, First, Mei);
        var granted = new Granted(Photo, First, Mei, ShareRole.Viewer, Until: null);
        share.Given(Offered(ShareRole.Viewer)).When(take).Then(taken, granted);
        share.Given(Offered(ShareRole.Viewer), taken, granted).When(take).ThenNothing();
        share.Given(Offered(ShareRole.Viewer), taken, granted).When(ToZoe(Second, ShareRole.Editor))
            .Then(Offered(ShareRole.Editor), new Changed(Photo, First, Mei, ShareRole.Editor, Until: null));
        share.Given(Offered(ShareRole.Viewer), taken, granted).When(new Grant(Photo, Olga, Second, Mei, ShareRole.Editor, Until: null))
            .Then(Offered(ShareRole.Editor), new Changed(Photo, First, Mei, ShareRole.Editor, Until: null));
        share.Given().When(take).ThenNothing();
        share.Given(Offered(ShareRole.Viewer), new Withdrawn(Photo, First)).When(take).ThenNothing();
        share.Given(Offered(ShareRole.Viewer), new Closed(Photo)).When(take).ThenNothing();
        share.Given(Offered(ShareRole.Viewer) with { Until = Noon }).When(take).ThenNothing();
        // What is the owner's address, or that of who gave it, waits as what is nobody's.
        share.Given(Offered(ShareRole.Viewer)).When(take with { Account = Olga }).ThenNothing();
        share.Given(Offered(ShareRole.Viewer) with { By = Mei }).When(take).ThenNothing();
        // Whoever may share gave it, and the owner lets who takes it share too.
        share.Given(Offered(ShareRole.Editor) with { By = Ravi, MayShare = true }).When(take)
            .Then(taken, new Granted(Photo, First, Mei, ShareRole.Editor, Until: null, MayShare: true));
    }

    [Fact]
    public void What_was_taken_is_nobody_elses_whoever_has_the_address_later()
    {
        ShareEvent[] taken = [Offered(ShareRole.Viewer), new Taken(Photo, First, Mei), new Granted(Photo, First, Mei, ShareRole.Viewer, Until: null)];
        share.Given(taken).When(new Take(Photo, Olga, First, Ravi)).ThenNothing();
        share.Given([.. taken, Offered(ShareRole.Editor)]).When(new Take(Photo, Olga, First, Ravi)).ThenNothing();
    }

    [Fact]
    public void Whoever_has_a_grant_keeps_it_and_what_is_offered_besides_is_theirs_when_it_is_gone()
    {
        var (offered, grant) = (Offered(ShareRole.Editor) with { By = Ravi }, new Granted(Photo, Second, Mei, ShareRole.Viewer, Until: null));
        var (take, taken) = (new Take(Photo, Olga, First, Mei), new Taken(Photo, First, Mei));
        share.Given(offered, grant).When(take).Then(taken);
        share.Given(offered, grant, taken).When(take).ThenNothing();
        share.Given(offered, grant, taken).When(new Revoke(Photo, First)).Then(new Withdrawn(Photo, First));
        share.Given(offered, grant, taken, new Revoked(Photo, Second, Mei)).When(take)
            .Then(new Granted(Photo, First, Mei, ShareRole.Editor, Until: null, By: Ravi));
    }

    [Fact]
    public void What_is_taken_back_or_is_over_is_offered_no_more_and_taken_from_who_took_it()
    {
        ShareEvent[] taken = [Offered(ShareRole.Viewer), new Taken(Photo, First, Mei), new Granted(Photo, First, Mei, ShareRole.Viewer, Until: null)];
        share.Given(Offered(ShareRole.Viewer)).When(new Revoke(Photo, First)).Then(new Withdrawn(Photo, First));
        share.Given(taken).When(new Revoke(Photo, First)).Then(new Revoked(Photo, First, Mei), new Withdrawn(Photo, First));
        share.Given(Offered(ShareRole.Viewer) with { Until = Noon }).When(new End(Photo, First)).Then(new Withdrawn(Photo, First));
        share.Given(Offered(ShareRole.Viewer) with { Until = Noon.AddDays(1) }).When(new End(Photo, First)).ThenNothing();
        share.Given(taken).When(new Close(Photo)).Then(new Revoked(Photo, First, Mei), new Withdrawn(Photo, First), new Closed(Photo));
    }

    [Fact]
    public void Nobody_shares_with_themselves() => share
        .Given()
        .When(new Grant(Photo, Olga, First, Olga, ShareRole.Viewer, Until: null))
        .ThenRejected(ShareRejection.WithOneself);

    [Fact]
    public void A_share_that_would_end_at_once_is_refused() => share
        .Given()
        .When(LetRavi(First, ShareRole.Viewer, Noon))
        .ThenRejected(ShareRejection.AlreadyExpired);

    [Fact]
    public void A_change_that_would_end_a_share_at_once_is_refused() => share
        .Given(RaviMayRead)
        .When(LetRavi(First, ShareRole.Viewer, Noon.AddTicks(-1)))
        .ThenRejected(ShareRejection.AlreadyExpired);

    [Fact]
    public void A_thousand_accounts_and_no_more() => share
        .Given([.. Enumerable.Range(0, ShareDecider.MaxGrants).Select(Numbered)])
        .When(LetRavi(First, ShareRole.Viewer))
        .ThenRejected(ShareRejection.TooMany);

    [Fact]
    public void The_thousandth_is_not_too_many() => share
        .Given([.. Enumerable.Range(0, ShareDecider.MaxGrants - 1).Select(Numbered)])
        .When(LetRavi(First, ShareRole.Viewer))
        .Then(RaviMayRead);

    [Fact]
    public void What_is_offered_and_taken_counts_once_and_is_taken_with_a_thousand_too()
    {
        ShareEvent[] taken = [Offered(ShareRole.Viewer), new Taken(Photo, First, Mei), new Granted(Photo, First, Mei, ShareRole.Viewer, Until: null)];
        var others = Enumerable.Range(0, ShareDecider.MaxGrants - 1).Select(Numbered).ToList();
        share.Given([.. taken, .. others.Skip(1)]).When(LetRavi(Second, ShareRole.Viewer)).Then(RaviMayRead with { Share = Second });
        share.Given([.. taken, .. others]).When(LetRavi(Second, ShareRole.Viewer)).ThenRejected(ShareRejection.TooMany);
        share.Given([Offered(ShareRole.Viewer), .. others]).When(LetRavi(Second, ShareRole.Viewer)).ThenRejected(ShareRejection.TooMany);
        share.Given([Offered(ShareRole.Viewer), .. others]).When(new Take(Photo, Olga, First, Mei)).Then(taken[1], taken[2]);
    }

    [Fact]
    public void With_a_thousand_a_grant_can_still_change() => share
        .Given([RaviMayRead, .. Enumerable.Range(1, ShareDecider.MaxGrants - 1).Select(Numbered)])
        .When(LetRavi(First, ShareRole.Editor))
        .Then(new Changed(Photo, First, Ravi, ShareRole.Editor, Until: null));

    [Fact]
    public void A_share_can_be_taken_back() => share
        .Given(RaviMayRead)
        .When(new Revoke(Photo, First))
        .Then(new Revoked(Photo, First, Ravi));

    [Fact]
    public void Taking_back_what_was_never_given_changes_nothing() => share
        .Given(RaviMayRead)
        .When(new Revoke(Photo, Second))
        .ThenNothing();

    [Fact]
    public void A_share_ends_when_its_time_has_come() => share
        .Given(new Granted(Photo, First, Ravi, ShareRole.Viewer, Noon))
        .When(new End(Photo, First))
        .Then(new Ended(Photo, First, Ravi));

    [Fact]
    public void A_share_whose_end_was_put_off_goes_on() => share
        .Given(RaviMayRead, new Changed(Photo, First, Ravi, ShareRole.Viewer, Noon.AddTicks(1)))
        .When(new End(Photo, First))
        .ThenNothing();

    [Fact]
    public void A_share_without_an_end_does_not_end() => share
        .Given(RaviMayRead)
        .When(new End(Photo, First))
        .ThenNothing();

    [Fact]
    public void Deleting_the_file_takes_every_share_back() => share
        .Given(new Granted(Photo, Second, Mei, ShareRole.Editor, Until: null), RaviMayRead)
        .When(new Close(Photo))
        .Then(new Revoked(Photo, First, Ravi), new Revoked(Photo, Second, Mei), new Closed(Photo));

    [Fact]
    public void A_deleted_file_cannot_be_shared() => share
        .Given(new Closed(Photo))
        .When(LetRavi(First, ShareRole.Viewer))
        .ThenRejected(AccessRejection.NoSuchFile);

    [Fact]
    public void A_folder_may_be_shared_with_a_group_that_only_uploads() => share
        .Given()
        .When(new Grant(Papers, Olga, First, Team, ShareRole.Uploader, Until: null))
        .Then(new Granted(Papers, First, Team, ShareRole.Uploader, Until: null));

    [Fact]
    public void Into_a_file_nothing_is_uploaded() => share
        .Given()
        .When(LetRavi(First, ShareRole.Uploader))
        .ThenRejected(ShareRejection.OnlyIntoFolders);

    [Fact]
    public void The_owner_may_let_an_editor_share() => share
        .Given(new Granted(Photo, First, Ravi, ShareRole.Editor, Until: null))
        .When(LetRavi(Second, ShareRole.Editor) with { MayShare = true })
        .Then(new Changed(Photo, First, Ravi, ShareRole.Editor, Until: null, MayShare: true));

    [Fact]
    public void Nobody_but_an_editor_may_be_let_share() => share
        .Given()
        .When(LetRavi(First, ShareRole.Viewer) with { MayShare = true })
        .ThenRejected(ShareRejection.OnlyEditorsShare);

    [Fact]
    public void Whoever_was_let_share_gives_and_changes_what_they_gave() => share
        .Given(new Granted(Photo, First, Ravi, ShareRole.Viewer, Until: null, By: Mei))
        .When(LetRavi(Second, ShareRole.Editor) with { By = Mei })
        .Then(new Changed(Photo, First, Ravi, ShareRole.Editor, Until: null));

    [Fact]
    public void Whoever_was_let_share_changes_nothing_that_others_gave() => share
        .Given(RaviMayRead)
        .When(LetRavi(Second, ShareRole.Editor) with { By = Mei })
        .ThenRejected(ShareRejection.OwnersOnly);

    [Fact]
    public void Whoever_was_let_share_passes_that_on_to_nobody() => share
        .Given()
        .When(LetRavi(First, ShareRole.Editor) with { By = Mei, MayShare = true })
        .ThenRejected(ShareRejection.OwnersOnly);

    [Fact]
    public void Of_a_folder_that_goes_grants_end_and_without_any_nothing_is_said()
    {
        share.Given(new Granted(Papers, First, Team, ShareRole.Viewer, Until: null)).When(new Close(Papers))
            .Then(new Revoked(Papers, First, Team), new Closed(Papers));
        share.Given().When(new Close(Papers)).ThenNothing();
    }

    [Fact]
    public void Grants_of_the_first_shape_are_read_as_they_were_meant()
    {
        var file = Guid.NewGuid().ToString();
        var former = new System.Text.Json.Nodes.JsonObject { ["file"] = file, ["share"] = file, ["grantee"] = file, ["role"] = "viewer", ["until"] = null };
        var now = System.Text.Json.JsonSerializer.Deserialize<Granted>(
            ShareShapes.OfGrants(former), EventFiles.Infrastructure.EventStore.EventTypes.Json)!;

        Assert.Equal(new Granted(new FileId(Guid.Parse(file)), new(Guid.Parse(file)), new AccountId(Guid.Parse(file)), ShareRole.Viewer, Until: null), now);
    }

    private static Grant LetRavi(ShareId share, ShareRole role, DateTimeOffset? until = null) =>
        new(Photo, Olga, share, Ravi, role, until);

    private static Granted Numbered(int number) => new(
        Photo,
        new ShareId(new Guid(number, 1, 0, [0, 0, 0, 0, 0, 0, 0, 0])),
        new AccountId(new Guid(number, 2, 0, [0, 0, 0, 0, 0, 0, 0, 0])),
        ShareRole.Viewer,
        Until: null);

    private static Offer ToZoe(ShareId share, ShareRole role) => new(Photo, share, "Zoe@example.org", "zoe@example.org", role, Until: null);

    private static Offered Offered(ShareRole role) => new(
        Photo, First, "Zoe@example.org", "zoe@example.org", role, Until: null, MayShare: false, By: null);
}
