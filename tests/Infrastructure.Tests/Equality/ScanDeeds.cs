using EventFiles.Features.Scan;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>What administrators do about verdicts.</summary>
internal sealed class ScanDeeds(Life life)
{
    public async Task Run(Random chance)
    {
        if (chance.Next(10) == 0)
            await life.Do(new OrderRescan(life.Operator, OnlyOlder: chance.Next(2) == 0));
        foreach (var verdict in new[] { ScanVerdict.Infected, ScanVerdict.Unscannable })
        {
            if (await life.Ask(new ListScans(life.Operator, verdict, null, 10)) is { Items: [var one, ..] } && chance.Next(3) == 0)
                await life.Do(new ReleaseVersion(life.Operator, one.FileId, one.Version, "a mistake"));
        }
    }
}

/// <summary>Says the same of the same bytes, and now and then something bad.</summary>
internal sealed class ScannerByLength : IScanner
{
    public Task<string> Signatures(CancellationToken cancel) => Task.FromResult("by length");

    public Task<ScanOutcome> Scan(Stream content, CancellationToken cancel) => Task.FromResult<ScanOutcome>((content.Length % 40) switch
    {
        7 => new ScanOutcome.Found("Seven.Over"),
        8 or 9 or 10 => new ScanOutcome.NotScannable("refused"),
        _ => new ScanOutcome.Clean(),
    });
}
