using EventFiles.Features.Accounts;
using EventFiles.Features.Files;
using EventFiles.Features.Upload;
using EventFiles.Infrastructure.Children;
using EventFiles.Infrastructure.ObjectStorage.S3;
using EventFiles.Infrastructure.ReadModels;
using Placement = EventFiles.Features.Upload.Placement;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>The whole product at work for one person, while time passes.</summary>
public abstract class ProductStage(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("stage-").FullName;
    private readonly ChildRenderer children = new(
        new ChildOptions("dotnet", [Path.Combine(AppContext.BaseDirectory, "EventFiles.RenderingChild.dll")]));

    private protected LeapingTime Clock { get; } = new();

    private protected ProductNode Node { get; private set; } = null!;

    /// <summary>She is an auditor, too.</summary>
    private protected Caller Olga { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var slices = typeof(Slice).Assembly.GetTypes().Select(type => type.GetMethod("Define", []))
            .Where(define => define?.ReturnType == typeof(Slice)).Select(define => (Slice)define!.Invoke(null, null)!);
        Node = new ProductNode(new NodeGround(
            await postgres.CreateDatabase(), folder, Clock, children, new QuickPasswords(), new Slices([.. slices]),
            all => all.AddMemoryReadModels())
        {
            Around = Around,
            Bucket = await NewBucket(),
            Scanner = await NewScanner(),
        });
        await Node.StartViews();
        await Node.StartWork();
        var account = await Yes(new RegisterAccount($"{Guid.NewGuid():n}@example.org", "correct horse battery", "Olga"));
        Olga = new Caller(account.Id, default, false) { IsAuditor = true };
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await children.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected virtual Task<S3Settings?> NewBucket() => Task.FromResult<S3Settings?>(null);

    private protected virtual Task<IScanner?> NewScanner() => Task.FromResult<IScanner?>(null);

    private protected virtual IObjects Around(IObjects store) => store;

    private protected async Task<FileId> Upload(string name, FolderId? into, FileId? file = null, string text = "content")
    {
        var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
        var where = new Placement(into, file is null ? NameConflict.Fail : NameConflict.NewVersion) { Into = file };
        return (await Yes(new ReceiveFile(Olga, name, "text/plain", where, content, content.Length, _ => Task.FromResult<Answer<Placement>>(where)))).File.Id;
    }

    private protected async Task<bool[]> There(params FileId[] files)
    {
        var there = new List<bool>();
        foreach (var file in files)
            there.Add((await Node.Ask(new ReadFile(Olga, file, null))).Refusal is null);
        return [.. there];
    }

    private protected async Task<bool> IsTrashed(FileId file) =>
        (await Node.Get<IFiles>().Find(file, TestContext.Current.CancellationToken))?.Status == FileStatus.Trashed;

    private protected async Task<T> Yes<T>(MediatR.IRequest<Answer<T>> request) =>
        Assert.IsType<Answer<T>.Yes>(await Node.Ask(request)).Value;
}
