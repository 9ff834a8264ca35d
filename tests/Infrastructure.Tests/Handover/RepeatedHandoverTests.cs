using System.Reflection;
using EventFiles.Features.Accounts;
using EventFiles.Features.Folders;
using EventFiles.Features.Handover;
using EventFiles.Features.Quota;
using EventFiles.Infrastructure.Tests.Equality;

namespace EventFiles.Infrastructure.Tests.Handover;

/// <summary>A port that answers one question as it was answered once, and all others as they are answered now.</summary>
public class Late<TPort> : DispatchProxy where TPort : class
{
    private TPort now = null!;
    private string question = "";
    private object? answer;

    public static TPort Telling(TPort now, string question, object answer)
    {
        var port = Create<TPort, Late<TPort>>();
        var late = (Late<TPort>)(object)port;
        (late.now, late.question, late.answer) = (now, question, answer);
        return port;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == question ? answer : targetMethod.Invoke(now, args);
}

/// <summary>A worker died after what it handed over went over, and whoever goes on sees views that do not tell so yet.</summary>
public sealed class RepeatedHandoverTests(PostgresFixture postgres) : ProductStage(postgres)
{
    private static readonly HandoverId Id = new(Guid.CreateVersion7());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_that_went_over_is_not_handed_over_again_and_nothing_of_it_stays_behind()
    {
        var ravi = await Ravi();
        var file = await Upload("plans.txt", into: null);
        var state = State(file.Value, isFolder: false, ravi);
        var late = await Node.Get<IFiles>().Find(file, Cancel);
        var space = new Allotment(new UploadId(Id.Value), 0, state.Until);
        Assert.Null(await Items().File(state, file, state.Into, space, Cancel));

        Assert.Null(await Items(files: Late<IFiles>.Telling(Node.Get<IFiles>(), "Find", Task.FromResult(late))).File(state, file, state.Into, space, Cancel));

        await Wait.Until(async () => await Yes(new ReadQuota(ravi, null)) is { Files: 1, UsedBytes: 7 }, "what the new owner has");
    }

    [Fact]
    public async Task A_folder_that_went_over_meanwhile_has_gone_over()
    {
        var ravi = await Ravi();
        var folder = (await Yes(new CreateFolder(Olga, "Case", null))).Id;
        var state = State(folder.Value, isFolder: true, ravi);
        Assert.Null(await Items().Folder(state, folder, state.Into, Cancel));

        var late = Late<IFolders>.Telling(Node.Get<IFolders>(), "OwnerOf", Task.FromResult<AccountId?>(Olga.Account));
        Assert.Null(await Items(folders: late).Folder(state, folder, state.Into, Cancel));
    }

    private async Task<Caller> Ravi() => new(
        (await Yes(new RegisterAccount($"{Guid.NewGuid():n}@example.org", "correct horse battery", "Ravi"))).Id, default, false);

    private HandoverState State(Guid entry, bool isFolder, Caller to) => new(
        Id, entry, isFolder, Olga.Account, to.Account, null, FolderId.RootOf(to.Account), Clock.GetUtcNow().AddDays(1), [], 0, 0, 0, 0, null);

    private HandedItems Items(IFiles? files = null, IFolders? folders = null) => new(
        Node.Get<IStreams>(), files ?? Node.Get<IFiles>(), folders ?? Node.Get<IFolders>(), Node.Get<IHolds>(),
        Node.Get<IErasures>(), Node.Get<IHandedFiles>(), Node.Get<IHandedFolders>(), Node.Get<IHandedBytes>(),
        Node.Get<IEnumerable<IHandsOverFiles>>(), Node.Get<IEnumerable<IHandsOverFolders>>());
}
