using EventFiles.Features.Scan;
using EventFiles.Features.Upload;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>What administrators do about verdicts.</summary>
internal sealed class ScanDeeds(Life life)
{
    public async Task Run(Random chance)
    {
        if (chance.Next(10) == 0)
            await life.Do(new OrderRescan(life.Operator, OnlyOlder: chance.Next(2) == 0));
        // Of a life in which nobody brings anything nothing may remain: what shows a difference is searched by leaving out.
        if (chance.Next(4) == 0 && life.Files.All.Any())
            await WaitTooLong();
        foreach (var verdict in new[] { ScanVerdict.Infected, ScanVerdict.Unscannable })
        {
            if (await life.Ask(new ListScans(life.Operator, verdict, null, 10)) is { Items: [var one, ..] } && chance.Next(3) == 0)
                await life.Do(new ReleaseVersion(life.Operator, one.FileId, one.Version, "a mistake"));
        }
    }

    // The scanner is away for as long as nobody need wait for it; then it is back, and looks at all that waits.
    private async Task WaitTooLong()
    {
        var (scanner, by, where) = ((ScannerByLength)life.Node.Get<IScanner>(), await life.Somebody(new Random(1)), new Placement(null, NameConflict.Rename));
        using (scanner.Away())
        {
            var content = Contents.APicture;
            if (await life.Ask(new ReceiveFile(
                by, "late.png", null, where, new MemoryStream(content), content.Length, _ => Task.FromResult<Answer<Placement>>(where))) is not { } made)
            {
                return;
            }

            life.Files.Add(new Thing<FileId>(made.File.Id, by.Account));
            // Not when the projection is paused: it goes on only when other lives have ended, and this one must be able to.
            await Wait.Comes(
                async () => await life.Node.Get<IReadModel<ScanView>>().Find(made.File.Id.ToString(), CancellationToken.None) is not null,
                TimeSpan.FromSeconds(5));
            life.Clock.Leap(ScanOptions.Default.Within);
            await life.Do(new ScanAgain());
        }
    }
}

/// <summary>Says the same of the same bytes, and now and then something bad.</summary>
internal sealed class ScannerByLength : IScanner
{
    private static readonly ScannerAwayException Gone = new("It is away.");

    private int away;

    public Task<string> Signatures(CancellationToken cancel) =>
        Volatile.Read(ref away) > 0 ? Task.FromException<string>(Gone) : Task.FromResult("by length");

    public Task<ScanOutcome> Scan(Stream content, CancellationToken cancel) =>
        Volatile.Read(ref away) > 0 ? Task.FromException<ScanOutcome>(Gone) : Task.FromResult<ScanOutcome>((content.Length % 40) switch
        {
            7 => new ScanOutcome.Found("Seven.Over"),
            8 or 9 or 10 => new ScanOutcome.NotScannable("refused"),
            _ => new ScanOutcome.Clean(),
        });

    /// <summary>It does not answer until what this gives is disposed of.</summary>
    public IDisposable Away() => new Absence(this);

    private sealed class Absence : IDisposable
    {
        private readonly ScannerByLength scanner;

        public Absence(ScannerByLength scanner)
        {
            this.scanner = scanner;
            Interlocked.Increment(ref scanner.away);
        }

        public void Dispose() => Interlocked.Decrement(ref scanner.away);
    }
}
