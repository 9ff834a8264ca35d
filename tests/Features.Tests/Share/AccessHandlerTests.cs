using System.Text.Json;
using EventFiles.Features.Share;
using EventFiles.Features.Upload;
using static EventFiles.Features.Tests.Share.People;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;

namespace EventFiles.Features.Tests.Share;

public sealed class AccessHandlerTests
{
    private static readonly ShareId First = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly FileId Unheard = new(Guid.Parse("00000000-0000-7000-8000-0000000000ff"));

    private readonly StoppedClock clock = new(Noon);
    private readonly Views<AccessView> views = new Views<AccessView>(AccessProjection.Define()).After(
        Olga,
        Uploaded(Photo),
        Uploaded(Letter),
        new ShareEvent.Granted(Photo, First, Ravi, ShareRole.Editor, Noon.AddHours(1)),
        new ShareEvent.Granted(Letter, First, Ravi, ShareRole.Editor, Until: null),
        new DeleteEvent.Requested(Letter, Olga));

    [Fact]
    public async Task The_owner_learns_that_the_file_is_theirs() =>
        Assert.Equal(new FileAccess(Photo, Olga, IsTrashed: false, IsDeleted: false), Value(await Ask(Olga, Photo, FileAction.Own)));

    [Fact]
    public async Task The_owner_of_a_deleted_file_still_reads_its_history() =>
        Assert.True(Value(await Ask(Olga, Letter, FileAction.Share)).IsDeleted);

    [Fact]
    public async Task A_file_one_may_not_know_of_is_refused_exactly_like_one_that_does_not_exist()
    {
        foreach (var action in Enum.GetValues<FileAction>())
        {
            var unheard = (await Ask(Mei, Unheard, action)).Refusal;
            Assert.Same(AccessRejection.NoSuchFile, unheard);
            Assert.Same(unheard, (await Ask(Mei, Photo, action)).Refusal);
            Assert.Same(unheard, (await Ask(Ravi, Letter, action)).Refusal);
        }
    }

    [Fact]
    public async Task Administrators_open_no_content() => Assert.Same(
        AccessRejection.NoSuchFile,
        (await new ShareAccess(views, clock).Ask(
            As(Mei, isAdministrator: true), Photo, FileAction.Read, TestContext.Current.CancellationToken)).Refusal);

    [Fact]
    public async Task An_editor_is_told_that_they_may_not_share() =>
        Assert.Same(AccessRejection.NotAllowed, (await Ask(Ravi, Photo, FileAction.Share)).Refusal);

    [Fact]
    public async Task From_its_end_on_a_grant_is_as_if_it_had_never_been()
    {
        Assert.Null((await Ask(Ravi, Photo, FileAction.Edit)).Refusal);

        clock.Now = Noon.AddHours(1);

        Assert.Same(AccessRejection.NoSuchFile, (await Ask(Ravi, Photo, FileAction.Edit)).Refusal);
    }

    [Fact]
    public async Task Many_permissions_are_checked_at_once_and_answered_in_order()
    {
        var asked = new CheckPermissions(
            As(Ravi),
            [
                new(Photo, FileAction.Edit), new(Unheard, FileAction.Read), new(Photo, FileAction.Own),
                new(Letter, FileAction.Read), new(Photo, FileAction.Edit),
            ]);

        Assert.Equal(
            [
                new(Photo, FileAction.Edit, true), new(Unheard, FileAction.Read, false), new(Photo, FileAction.Own, false),
                new(Letter, FileAction.Read, false), new(Photo, FileAction.Edit, true),
            ],
            await Check(asked));
    }

    [Fact]
    public async Task Nothing_may_be_done_with_a_deleted_file_even_by_its_owner()
    {
        var asked = new CheckPermissions(
            As(Olga), [.. Enum.GetValues<FileAction>().Select(action => new PermissionCheck(Letter, action))]);

        Assert.All(await Check(asked), result => Assert.False(result.Allowed));
    }

    [Fact]
    public void A_thousand_checks_are_taken_and_one_more_is_not()
    {
        Assert.True(IsTaken([.. Enumerable.Repeat(new PermissionCheck(Photo, FileAction.Read), 1000)]));
        Assert.False(IsTaken([.. Enumerable.Repeat(new PermissionCheck(Photo, FileAction.Read), 1001)]));
    }

    [Fact]
    public void Checks_that_ask_nothing_are_refused()
    {
        Assert.False(IsTaken(null));
        Assert.False(IsTaken([null]));
        Assert.False(IsTaken([new(null, FileAction.Read)]));
        Assert.False(IsTaken([new(Photo, null)]));
    }

    [Fact]
    public void Actions_and_roles_are_words_and_never_numbers()
    {
        var json = JsonSerializer.Serialize(new PermissionCheck(Photo, FileAction.Own), JsonSerializerOptions.Web);
        Assert.Contains("\"action\":\"own\"", json, StringComparison.Ordinal);
        Assert.Equal(
            FileAction.Own, JsonSerializer.Deserialize<PermissionCheck>(json, JsonSerializerOptions.Web)!.Action);
        Assert.Throws<JsonException>(() =>
            JsonSerializer.Deserialize<PermissionCheck>("{\"action\":3}", JsonSerializerOptions.Web));
        Assert.Equal("\"editor\"", JsonSerializer.Serialize(ShareRole.Editor, JsonSerializerOptions.Web));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ShareRole>("7", JsonSerializerOptions.Web));
    }

    private static UploadEvent.Completed Uploaded(FileId file) => new(
        new UploadId(file.Value), file, 1, FolderId.RootOf(Olga), "photo.jpg", "image/jpeg", 3, "sha",
        ObjectKey.Raw(new UploadId(file.Value)));

    private static bool IsTaken(IReadOnlyList<PermissionCheck?>? checks) =>
        new CheckPermissionsShape().Validate(new CheckPermissions(As(Ravi), checks)).IsValid;

    private static T Value<T>(Answer<T> answer) => Assert.IsType<Answer<T>.Yes>(answer).Value;

    private Task<Answer<FileAccess>> Ask(AccountId who, FileId file, FileAction action) =>
        new ShareAccess(views, clock).Ask(As(who), file, action, TestContext.Current.CancellationToken);

    private async Task<IReadOnlyList<PermissionResult>> Check(CheckPermissions asked) =>
        Value(await new AccessHandler(views, clock).Handle(asked, TestContext.Current.CancellationToken)).Results;
}
