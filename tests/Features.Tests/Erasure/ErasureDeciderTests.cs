using EventFiles.Features.Erasure;
using static EventFiles.Features.Erasure.ErasureCommand;
using static EventFiles.Features.Erasure.ErasureEvent;

namespace EventFiles.Features.Tests.Erasure;

public sealed class ErasureDeciderTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);
    private static readonly ErasureId First = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly ErasureId Second = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-000000000003"));
    private static readonly AccountId Ada = new(Guid.Parse("00000000-0000-7000-8000-000000000004"));
    private static readonly Guid Key = Guid.Parse("00000000-0000-7000-8000-000000000005");
    private static readonly Guid Era = Guid.Parse("00000000-0000-7000-8000-000000000006");

    private static readonly Requested Due = new(First, Olga, Ada, ErasureGround.Objection, Now, Now.AddDays(30), "digest");
    private static readonly Requested Later = Due with { BeginsAt = Now.AddDays(7) };
    private static readonly Begun Begun = new(First, 3, 2, 1, 4);
    private static readonly ContentDeleted Deleted = new(First);
    private static readonly PersonalRemoved Removed = new(First, [new("private-rows", 9, 9)], Key, Era);
    private static readonly Verified Verified = new(First, [new("private-rows", 0, 0), new("objects", 0, 7)]);

    private static readonly FileId File = new(Guid.Parse("00000000-0000-7000-8000-000000000007"));
    private static readonly FileRequested FileDue = new(First, File, Olga, Olga, ErasureGround.NoLongerNeeded, Now, Now.AddDays(30), "digest");
    private static readonly FileBegun FileBegun = new(First, 2, 1);
    private static readonly FileRemains Remains = new(Olga, 2, true, 1, 3, 1, 700, [ObjectKey.Raw(new UploadId(Era))]);
    private static readonly FileDeleted FileGone = new(First, 1, 3, 1, 700, 1);
    private static readonly PersonalRemoved FileForgotten = new(First, [new("private-rows", 9, 9)], null, Era);

    private readonly Specification<ErasureCommand, ErasureState, ErasureEvent> erasure = new(ErasureDecider.Decider, Now);

    [Fact]
    public void It_is_asked_for() => erasure
        .Given()
        .When(new Request(First, Olga, Ada, ErasureGround.Objection, Now, Now.AddDays(30), "digest"))
        .Then(Due);

    [Fact]
    public void There_is_one_at_a_time() => erasure
        .Given(Later)
        .When(new Request(Second, Olga, Ada, ErasureGround.Objection, Now, Now.AddDays(30), "digest"))
        .ThenRejected(ErasureRejection.UnderWay);

    [Fact]
    public void In_time_it_is_cancelled() => erasure
        .Given(Later)
        .When(new Cancel(First, Olga))
        .Then(new Cancelled(First, Olga));

    [Fact]
    public void Another_one_may_follow_one_that_was_cancelled() => erasure
        .Given(Later, new Cancelled(First, Olga))
        .When(new Request(Second, Olga, Ada, ErasureGround.Objection, Now, Now.AddDays(30), "digest"))
        .Then(Due with { Erasure = Second });

    [Fact]
    public void Once_begun_there_is_no_way_back() => erasure
        .Given(Due, Begun)
        .When(new Cancel(First, Olga))
        .ThenRejected(ErasureRejection.TooLate);

    [Fact]
    public void Another_persons_cannot_be_told_from_none() => erasure
        .Given(Due)
        .When(new Cancel(Second, Olga))
        .ThenRejected(ErasureRejection.NoSuchErasure);

    [Fact]
    public void It_begins_when_its_time_has_come() => erasure
        .Given(Due)
        .When(new Begin(First, new ErasureInventory(3, 2, 1), ErasureRecipients.None))
        .Then(Begun with { Recipients = 0 });

    [Fact]
    public void Whose_access_ends_is_told_once_each_and_the_receipt_counts_them()
    {
        ErasureRecipients whose = new([Ada], [new(Era, "share-1")]);
        var asked = Assert.IsType<Decision<ErasureEvent>.Accepted>(ErasureDecider.Decider.Decide(
            ErasureDecider.Decider.Fold([Due]), new Begin(First, new ErasureInventory(3, 2, 1), whose), Now));
        var found = Assert.IsType<RecipientsFound>(asked.Events[1]);
        Assert.Equal((Begun with { Recipients = 1 }, Ada, Era), (asked.Events[0], Assert.Single(found.Accounts), Assert.Single(found.Invited).Share));
        var begun = asked.Events[0];

        RecipientTold told = new(First, Ada.Value, true), unreached = new(First, Era, false);
        erasure.Given(Due, begun, found).When(new RecordTold(First, Ada.Value, true)).Then(told);
        erasure.Given(Due, begun, found, told).When(new RecordTold(First, Ada.Value, true)).ThenNothing();
        erasure.Given(Due, begun, found).When(new RecordTold(Second, Ada.Value, true)).ThenNothing();
        erasure.Given(Due, begun, found).When(new RecordTold(First, Olga.Value, true)).ThenNothing();
        Assert.Equal([Era], ErasureDecider.Decider.Fold([Due, begun, found, told]).Untold);

        var receipt = ErasureReceipt.Of(First, Recorded(Due, begun, found, told, Deleted, Removed, Verified, unreached))!;
        Assert.Equal((1, 1, 1, 1), (receipt.RecipientsCount, receipt.Recipients!.Accounts, receipt.Recipients.Invited, receipt.Recipients.Told));
        Assert.Equal(6, receipt.Steps.Count);
        Assert.Null(ErasureReceipt.Of(First, Recorded(Due, Begun, Deleted, Removed, Verified))!.Recipients);
        // That somebody is told late keeps nobody from the receipt of what is held.
        Assert.Equal("held", ErasureReceipt.Of(First, Recorded(Due, begun, found, new Held(First, 2), told))!.Stage);
    }

    [Fact]
    public void It_does_not_begin_before() => erasure
        .Given(Later)
        .When(new Begin(First, new ErasureInventory(3, 2, 1), ErasureRecipients.None))
        .ThenNothing();

    [Fact]
    public void One_that_was_cancelled_does_not_begin() => erasure
        .Given(Due, new Cancelled(First, Olga))
        .When(new Begin(First, new ErasureInventory(3, 2, 1), ErasureRecipients.None))
        .ThenNothing();

    [Fact]
    public void What_is_held_stops_it() => erasure
        .Given(Due, Begun)
        .When(new RecordHold(First, 2))
        .Then(new Held(First, 2));

    [Fact]
    public void What_a_hold_keeps_is_told_in_a_receipt_of_its_own_once_for_each_time()
    {
        erasure.Given(Due, Begun, new Held(First, 2)).When(new Issue(First, "held", "{}")).Then(new ReceiptIssued(First, "held", "{}"));
        erasure.Given(Due, Begun, new Held(First, 2), new ReceiptIssued(First, "held", "{}")).When(new Issue(First, "held", "{}")).ThenNothing();
        erasure.Given(Due, Begun, new Held(First, 2), new ReceiptIssued(First, "held", "{}"), new Held(First, 1))
            .When(new Issue(First, "held", "{}")).Then(new ReceiptIssued(First, "held", "{}"));
        erasure.Given(Due, Begun, new Held(First, 2), new ReceiptIssued(First, "held", "{}"), Deleted, Removed, Verified)
            .When(new Issue(First, "A", "{}")).Then(new ReceiptIssued(First, "A", "{}"));
    }

    [Fact]
    public void When_nothing_is_held_any_more_it_goes_on() => erasure
        .Given(Due, Begun, new Held(First, 2))
        .When(new RecordContent(First))
        .Then(Deleted);

    [Fact]
    public void What_is_told_of_the_person_goes_after_the_content() => AssertIs(
        Removed, new RecordRemoval(First, [new("private-rows", 9, 9)], new(Key, Era)), Due, Begun, Deleted);

    [Fact]
    public void Nothing_is_forgotten_while_something_is_held() => erasure
        .Given(Due, Begun, new Held(First, 2))
        .When(new RecordRemoval(First, [new("private-rows", 9, 9)], new(Key, Era)))
        .ThenNothing();

    [Fact]
    public void What_is_left_somewhere_keeps_it_from_its_end() => erasure
        .Given(Due, Begun, Deleted, Removed)
        .When(new Verify(First, [new("private-rows", 0, 0), new("objects", 1, 7)]))
        .ThenRejected(ErasureRejection.SomethingIsLeft);

    [Fact]
    public void With_nothing_left_anywhere_the_person_is_erased() => AssertIs(
        Verified, new Verify(First, [new("private-rows", 0, 0), new("objects", 0, 7)]), Due, Begun, Deleted, Removed);

    [Fact]
    public void With_the_eras_key_old_copies_are_closed() => erasure
        .Given(Due, Begun, Deleted, Removed, Verified)
        .When(new CloseCopies(First, Now))
        .Then(new CopiesClosed(First, Now));

    [Fact]
    public void A_receipt_is_issued_once_for_each_stage() => erasure
        .Given(Due, Begun, Deleted, Removed, Verified)
        .When(new Issue(First, "A", "{}"))
        .Then(new ReceiptIssued(First, "A", "{}"));

    [Fact]
    public void The_second_follows_when_old_copies_are_closed() => erasure
        .Given(Due, Begun, Deleted, Removed, Verified, new ReceiptIssued(First, "A", "{}"), new CopiesClosed(First, Now))
        .When(new Issue(First, "B", "{}"))
        .Then(new ReceiptIssued(First, "B", "{}"));

    [Fact]
    public void None_is_issued_before_every_place_was_looked_at() => erasure
        .Given(Due, Begun, Deleted, Removed)
        .When(new Issue(First, "A", "{}"))
        .ThenNothing();

    [Fact]
    public void Its_view_is_due_while_there_is_something_to_do_and_waits_for_holds_and_eras()
    {
        var told = new Telling<ErasureEntry>(ErasureProjection.Define(), Olga).Tell(Due, Begun);
        Assert.Equal([First.ToString()], told.Index(ErasureProjection.Due));
        told.Tell(new Held(First, 2));
        Assert.Empty(told.Index(ErasureProjection.Due));
        Assert.Equal([First.ToString()], told.Index(ErasureProjection.Waiting));
        told.Tell(Deleted, Removed);
        Assert.Equal([First.ToString()], told.Index(ErasureProjection.Due));
        told.Tell(Verified);
        Assert.Equal([First.ToString()], told.Index(ErasureProjection.Due));
        told.Tell(new ReceiptIssued(First, "A", "{}"));
        Assert.Equal([First.ToString()], told.Index(ErasureProjection.Waiting));
        told.Tell(new CopiesClosed(First, Now), new ReceiptIssued(First, "B", "{}"));
        Assert.Empty(told.Index(ErasureProjection.Waiting));
        Assert.Empty(told.Index(ErasureProjection.Due));
        Assert.Equal((ErasureStage.Done, "administrator"), (told.View(First)!.Stage, told.View(First)!.ToView().RequestedBy));
    }

    [Fact]
    public void The_receipt_follows_from_the_events_and_is_A_and_then_B()
    {
        Assert.Null(ErasureReceipt.Of(First, Recorded(Due, Begun, Deleted, Removed)));
        var a = ErasureReceipt.Of(First, Recorded(Due, Begun, Deleted, Removed, Verified))!;
        Assert.Equal(("A", Key, 4, 7L), (a.Stage, a.Key!.Id, a.RecipientsCount, a.Verified[1].Looked));
        Assert.Equal(5, a.Steps.Count);
        var b = ErasureReceipt.Of(First, Recorded(Due, Begun, Deleted, Removed, Verified, new CopiesClosed(First, Now)))!;
        Assert.Equal(("B", Now), (b.Stage, b.Copies.ClosedAt));
        Assert.Null(ErasureReceipt.Of(Second, Recorded(Due, Begun, Deleted, Removed, Verified)));
    }

    [Fact]
    public void A_file_is_asked_for_by_itself() => erasure
        .Given()
        .When(new Request(First, Olga, Olga, ErasureGround.NoLongerNeeded, Now, Now.AddDays(30), "digest") { File = File })
        .Then(FileDue);

    [Fact]
    public void Of_a_file_too_there_is_one_at_a_time_and_in_time_it_is_cancelled()
    {
        var later = FileDue with { BeginsAt = Now.AddDays(1) };
        erasure.Given(later)
            .When(new Request(Second, Olga, Ada, ErasureGround.Objection, Now, Now.AddDays(30), "digest") { File = File })
            .ThenRejected(ErasureRejection.UnderWay);
        erasure.Given(later).When(new BeginFile(First, File, new FileInventory(2), ErasureRecipients.None)).ThenNothing();
        erasure.Given(later).When(new Cancel(First, Olga)).Then(new Cancelled(First, Olga));
        erasure.Given(FileDue, FileBegun).When(new Cancel(First, Olga)).ThenRejected(ErasureRejection.TooLate);
    }

    [Fact]
    public void A_file_goes_the_same_steps_and_the_log_tells_what_of_it_stays_with_others()
    {
        erasure.Given(FileDue).When(new BeginFile(First, File, new FileInventory(2), ErasureRecipients.None)).Then(FileBegun with { Recipients = 0 });
        erasure.Given(FileDue, FileBegun).When(new RecordHold(First, 1)).Then(new Held(First, 1));
        erasure.Given(FileDue, FileBegun, new Held(First, 1)).When(new RecordFile(First, Remains)).Then(FileGone);
        erasure.Given(FileDue, FileBegun).When(new RecordFile(First, Remains)).Then(FileGone);
        AssertIs(FileForgotten, new RecordRemoval(First, [new("private-rows", 9, 9)], new(null, Era)), FileDue, FileBegun, FileGone);
        erasure.Given(FileDue, FileBegun, FileGone, FileForgotten)
            .When(new Verify(First, [new("private-rows", 1, 1)]))
            .ThenRejected(ErasureRejection.SomethingIsLeft);
        AssertIs(
            Verified, new Verify(First, [new("private-rows", 0, 0), new("objects", 0, 7)]), FileDue, FileBegun, FileGone, FileForgotten);
    }

    [Fact]
    public void The_receipt_of_a_file_says_what_went_and_what_others_have_of_it()
    {
        Assert.Null(ErasureReceipt.Of(First, Recorded(FileDue, FileBegun, FileGone, FileForgotten)));
        var a = ErasureReceipt.Of(First, Recorded(FileDue, FileBegun, FileGone, FileForgotten, Verified))!;
        Assert.Equal(("A", File, Olga, "owner", 1), (a.Stage, a.File, a.Subject, a.RequestedBy, a.RecipientsCount));
        Assert.Equal(new ErasedFile(2, 1, 3, 1, 700, 1), a.FileContent);
        Assert.Null(a.Key);
        Assert.Null(a.Content);
        Assert.Contains(a.Kept, kept => kept.What.StartsWith("bytes that other files", StringComparison.Ordinal));
        Assert.Equal(5, a.Steps.Count);
        Assert.InRange(a.ToText().Length, 1, 10_000);
        var b = ErasureReceipt.Of(First, Recorded(FileDue, FileBegun, FileGone with { Shared = 0 }, FileForgotten, Verified, new CopiesClosed(First, Now)))!;
        Assert.Equal(("B", Now), (b.Stage, b.Copies.ClosedAt));
        Assert.DoesNotContain(b.Kept, kept => kept.What.StartsWith("bytes that other files", StringComparison.Ordinal));
        Assert.Contains("present keys", b.Copies.Says, StringComparison.Ordinal);
    }

    [Fact]
    public void The_view_of_a_file_is_due_like_that_of_a_person_and_names_the_file()
    {
        var told = new Telling<ErasureEntry>(ErasureProjection.Define(), Olga).Tell(FileDue, FileBegun);
        Assert.Equal([First.ToString()], told.Index(ErasureProjection.Due));
        told.Tell(new Held(First, 1));
        Assert.Equal([First.ToString()], told.Index(ErasureProjection.Waiting));
        told.Tell(FileGone);
        Assert.Equal([First.ToString()], told.Index(ErasureProjection.Due));
        var view = told.View(First)!.ToView();
        Assert.Equal((ErasureStage.Forgetting, "owner", File, 0), (view.Status, view.RequestedBy, view.File, view.HeldFiles));
    }

    // Lists are compared by what is in them; and the same command again changes nothing.
    private static void AssertIs(ErasureEvent wanted, ErasureCommand command, params ErasureEvent[] history)
    {
        var (decider, json) = (ErasureDecider.Decider, System.Text.Json.JsonSerializerOptions.Web);
        var happened = Assert.Single(Assert.IsType<Decision<ErasureEvent>.Accepted>(decider.Decide(decider.Fold(history), command, Now)).Events);
        Assert.Equal(
            System.Text.Json.JsonSerializer.Serialize(wanted, wanted.GetType(), json),
            System.Text.Json.JsonSerializer.Serialize(happened, happened.GetType(), json));
        Assert.Empty(Assert.IsType<Decision<ErasureEvent>.Accepted>(decider.Decide(decider.Fold([.. history, happened]), command, Now)).Events);
    }

    private static List<RecordedEvent> Recorded(params ErasureEvent[] facts) =>
        [.. facts.Select((fact, at) => new RecordedEvent(at + 1, ErasureDecider.StreamOf(new(Olga)), at + 1, Guid.CreateVersion7(), "erasure", Now, fact))];
}
