using System.Text.Json;
using EventFiles.Features.Groups;
using EventFiles.Features.Share;
using EventFiles.Features.Upload;
using static EventFiles.Features.Tests.Share.People;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using FoldersEvent = EventFiles.Features.Folders.FoldersEvent;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;

namespace EventFiles.Features.Tests.Share;

public sealed class AccessHandlerTests
{
    private static readonly ShareId First = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly FileId Unheard = new(Guid.Parse("00000000-0000-7000-8000-0000000000ff"));

    private static readonly FolderId Papers = new(Guid.Parse("00000000-0000-7000-8000-0000000000d1"));
    private static readonly FolderId Drafts = new(Guid.Parse("00000000-0000-7000-8000-0000000000d2"));
    private static readonly GroupId Team = new(Guid.Parse("00000000-0000-7000-8000-0000000000b1"));
    private static readonly GroupId Board = new(Guid.Parse("00000000-0000-7000-8000-0000000000b2"));

    private readonly StoppedClock clock = new(Noon);
    private readonly Views<AccessView> views = new Views<AccessView>(AccessProjection.Define()).After(
        Olga,
        Uploaded(Photo),
        Uploaded(Letter),
        new ShareEvent.Granted(Photo, First, Ravi, ShareRole.Editor, Noon.AddHours(1)),
        new ShareEvent.Granted(Letter, First, Ravi, ShareRole.Editor, Until: null),
        new DeleteEvent.Requested(Letter, Olga));

    private readonly Told told;

    public AccessHandlerTests() => told = new Told(clock);

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
        (await new ShareAccess(views, told.Standings).Ask(
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
                new(Photo, null, FileAction.Edit, true), new(Unheard, null, FileAction.Read, false), new(Photo, null, FileAction.Own, false),
                new(Letter, null, FileAction.Read, false), new(Photo, null, FileAction.Edit, true),
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
    public async Task What_is_in_a_shared_folder_is_shared_and_the_nearest_grant_counts()
    {
        FileIn(Drafts);
        told.Folders.After(Olga, Made(Papers, FolderId.RootOf(Olga)), Made(Drafts, Papers), Grant(Papers, Mei, ShareRole.Editor));
        Assert.Null((await Ask(Mei, Photo, FileAction.Edit)).Refusal);

        told.Folders.After(Olga, Grant(Drafts, Mei, ShareRole.Viewer));
        Assert.Same(AccessRejection.NotAllowed, (await Ask(Mei, Photo, FileAction.Edit)).Refusal);
        Assert.Null((await Ask(Mei, Photo, FileAction.Read)).Refusal);

        views.After(Olga, new ShareEvent.Granted(Photo, First, Mei, ShareRole.Editor, Until: null));
        Assert.Null((await Ask(Mei, Photo, FileAction.Edit)).Refusal);
        Assert.Same(FolderRejection.NotAllowed, (await Ask(Mei, Drafts, FolderAction.Put)).Refusal);
        Assert.Null((await Ask(Mei, Papers, FolderAction.Put)).Refusal);
    }

    [Fact]
    public async Task What_leaves_a_shared_folder_or_lies_under_one_in_the_trash_is_shared_no_more()
    {
        FileIn(Drafts);
        told.Folders.After(Olga, Made(Papers, FolderId.RootOf(Olga)), Made(Drafts, Papers), Grant(Papers, Mei, ShareRole.Editor));
        told.Folders.After(Olga, new FoldersEvent.Trashed(Drafts, Papers, Drafts));
        Assert.Same(AccessRejection.NoSuchFile, (await Ask(Mei, Photo, FileAction.Read)).Refusal);
        told.Folders.After(Olga, new FoldersEvent.Restored(Drafts, Papers, "Drafts", Drafts));
        Assert.Null((await Ask(Mei, Photo, FileAction.Read)).Refusal);
        told.Folders.After(Olga, new FoldersEvent.Moved(Drafts, FolderId.RootOf(Olga), "Drafts"));
        Assert.Same(AccessRejection.NoSuchFile, (await Ask(Mei, Photo, FileAction.Read)).Refusal);
        Assert.Same(FolderRejection.NoSuchFolder, (await Ask(Mei, Drafts, FolderAction.Know)).Refusal);
    }

    [Fact]
    public async Task A_group_has_who_is_in_it_or_in_a_group_in_it_and_no_further()
    {
        GroupId outermost = new(Guid.Parse("00000000-0000-7000-8000-0000000000b3"));
        FileIn(Papers);
        told.Folders.After(Olga, Made(Papers, FolderId.RootOf(Olga)), Grant(Papers, Team, ShareRole.Viewer));
        told.Groups.After(Olga, new GroupsEvent.Created(Team, "Team"), new GroupsEvent.Created(Board, "Board"), new GroupsEvent.Created(outermost, "All"));
        Assert.Same(AccessRejection.NoSuchFile, (await Ask(Mei, Photo, FileAction.Read)).Refusal);
        told.Groups.After(Olga, new GroupsEvent.Admitted(Board, Mei, IsManager: false));
        Assert.Same(AccessRejection.NoSuchFile, (await Ask(Mei, Photo, FileAction.Read)).Refusal);
        told.Groups.After(Olga, new GroupsEvent.Nested(Team, Board));
        Assert.Null((await Ask(Mei, Photo, FileAction.Read)).Refusal);

        told.Groups.After(Olga, new GroupsEvent.Nested(outermost, Team));
        told.Folders.After(Olga, new ShareEvent.Revoked(Papers, First, Team), Grant(Papers, outermost, ShareRole.Viewer));
        Assert.Same(AccessRejection.NoSuchFile, (await Ask(Mei, Photo, FileAction.Read)).Refusal);
        told.Groups.After(Olga, new GroupsEvent.Admitted(Team, Mei, IsManager: false));
        Assert.Null((await Ask(Mei, Photo, FileAction.Read)).Refusal);
        told.Groups.After(Olga, new GroupsEvent.Deleted(outermost));
        Assert.Same(AccessRejection.NoSuchFile, (await Ask(Mei, Photo, FileAction.Read)).Refusal);
    }

    [Fact]
    public async Task Whoever_only_uploads_knows_of_the_folder_and_of_nothing_in_it()
    {
        FileIn(Papers);
        told.Folders.After(Olga, Made(Papers, FolderId.RootOf(Olga)), Grant(Papers, Mei, ShareRole.Uploader));
        Assert.Equal(new FolderAccess(Papers, Olga, MaySee: false), Value(await Ask(Mei, Papers, FolderAction.Put)));
        Assert.Same(FolderRejection.NotAllowed, (await Ask(Mei, Papers, FolderAction.Read)).Refusal);
        Assert.Same(AccessRejection.NoSuchFile, (await Ask(Mei, Photo, FileAction.Read)).Refusal);
    }

    [Fact]
    public async Task Files_and_folders_are_checked_together()
    {
        FileIn(Drafts);
        told.Folders.After(Olga, Made(Papers, FolderId.RootOf(Olga)), Made(Drafts, Papers), Grant(Papers, Mei, ShareRole.Editor));
        var asked = new CheckPermissions(
            As(Mei), [new(Photo, FileAction.Edit), new(null, FileAction.Edit, Drafts), new(null, FileAction.Own, Papers), new(Photo, FileAction.Share)]);

        Assert.Equal([true, true, false, false], (await Check(asked)).Select(result => result.Allowed));
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
        Assert.False(IsTaken([new(Photo, FileAction.Read, Papers)]));
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

    private void FileIn(FolderId folder) => views.After(Olga, new EventFiles.Features.Files.FilesEvent.Moved(Photo, folder, "photo.jpg"));

    private static FoldersEvent.Created Made(FolderId folder, FolderId parent) => new(folder, parent, "Papers");

    private static ShareEvent.Granted Grant(FolderId folder, ShareGrantee grantee, ShareRole role) => new(folder, First, grantee, role, Until: null);

    private Task<Answer<FolderAccess>> Ask(AccountId who, FolderId folder, FolderAction action) =>
        new ShareAccess(views, told.Standings).Ask(As(who), folder, action, TestContext.Current.CancellationToken);

    private static bool IsTaken(IReadOnlyList<PermissionCheck?>? checks) =>
        new CheckPermissionsShape().Validate(new CheckPermissions(As(Ravi), checks)).IsValid;

    private static T Value<T>(Answer<T> answer) => Assert.IsType<Answer<T>.Yes>(answer).Value;

    private Task<Answer<FileAccess>> Ask(AccountId who, FileId file, FileAction action) =>
        new ShareAccess(views, told.Standings).Ask(As(who), file, action, TestContext.Current.CancellationToken);

    private async Task<IReadOnlyList<PermissionResult>> Check(CheckPermissions asked) =>
        Value(await new AccessHandler(views, told.Standings).Handle(asked, TestContext.Current.CancellationToken)).Results;
}
