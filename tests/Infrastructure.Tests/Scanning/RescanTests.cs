using EventFiles.Features.Files;
using EventFiles.Features.Scan;
using EventFiles.Infrastructure.Scanning;
using EventFiles.Infrastructure.Tests.Equality;
using EventFiles.Infrastructure.Tests;

namespace EventFiles.Infrastructure.Tests.Scanning;

/// <summary>Old files and new signatures, on a real clamd. What clamd calls its signatures is made up: it names official ones only.</summary>
public sealed class RescanTests(PostgresFixture postgres) : ProductStage(postgres)
{
    private ClamAvServer clamd = null!;
    private Renamed scanner = null!;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await clamd.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_was_clean_is_looked_at_again_when_the_scanner_has_learnt()
    {
        var bad = await Upload("bad.txt", null, text: $"with {ClamAvServer.LaterMarker}");
        var (same, good) = (await Upload("same.txt", null, text: $"with {ClamAvServer.LaterMarker}"), await Upload("good.txt", null));
        foreach (var file in new[] { bad, same, good })
        {
            await Says(file, ScanVerdict.Clean);
            await Wait.Until(async () => await Signatures(file) == "27000", "the view tells of it");
        }

        await Node.Ask(new ScanAgain());
        var before = scanner.Looked;
        Clock.Leap(TimeSpan.FromMinutes(1));

        await clamd.Learn();
        scanner.Name = "27001";
        await Node.Ask(new ScanAgain());
        await Says(bad, ScanVerdict.Infected);
        await Says(same, ScanVerdict.Infected);
        await Wait.Until(async () => await Signatures(good) == "27001", "the good one is looked at again");
        // The same bytes are read once, whoever has them, unless both files' turns come at the same moment.
        Assert.InRange(scanner.Looked - before, 2, 3);
        before = scanner.Looked;
        Assert.Equal("scan.infected", (await Node.Ask(new OpenContent(Olga, bad, null))).Refusal?.Code);

        // Nobody looks at what has its answer.
        await Node.Ask(new ScanAgain());
        Assert.Equal(before, scanner.Looked);
    }

    private protected override async Task<IScanner?> NewScanner()
    {
        clamd = await ClamAvServer.Start();
        Assert.True(ClamAvAddress.TryParse(clamd.Url, out var address, out _));
        return scanner = new Renamed(new ClamAvScanner(new ClamAvSettings(address), TimeProvider.System));
    }

    private Task Says(FileId file, ScanVerdict verdict) => Wait.Until(
        async () => (await Node.Get<IScans>().Of(file, 1, TestContext.Current.CancellationToken)).Verdict == verdict, $"{verdict}");

    private async Task<string?> Signatures(FileId file) =>
        (await Node.Get<IReadModel<ScanView>>().Find(file.ToString(), TestContext.Current.CancellationToken))?.Find(1)?.Signatures;

    private sealed class Renamed(ClamAvScanner real) : IScanner
    {
        private int looked;

        public string Name { get; set; } = "27000";

        public int Looked => looked;

        public Task<string> Signatures(CancellationToken cancel) => Task.FromResult(Name);

        public Task<ScanOutcome> Scan(Stream content, CancellationToken cancel)
        {
            Interlocked.Increment(ref looked);
            return real.Scan(content, cancel);
        }
    }
}
