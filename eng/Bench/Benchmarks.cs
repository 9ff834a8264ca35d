namespace EventFiles.Bench;

/// <summary>All that can be measured, in order.</summary>
internal static class Benchmarks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly (string Name, Func<Arena, CancellationToken, Task<Prepared>> Prepare)[] All =
    [
        ("appends", Appends.Prepare),
        ("streams", LogReads.PrepareStreams),
        ("log", LogReads.PrepareAll),
        ("rebuild", Rebuilds.Prepare),
        ("latency", Latency.Prepare),
        ("growth", Growth.Prepare),
        ("tree", Trees.Prepare),
        ("proofs", Trees.PrepareProofs),
        ("personal", PersonalValues.Prepare),
        ("receipt", Receipts.Prepare),
        ("uploads", Uploads.Prepare),
        ("large", LargeUpload.Prepare),
        ("encryption", Encrypted.Prepare),
        ("peers", Peers.PrepareSmall),
        ("peers-large", Peers.PrepareLarge),
        ("slow", Peers.PrepareSlow),
        ("compression", Compressed.Prepare),
        ("downloads", Reads.PrepareDownloads),
        ("permissions", Reads.PreparePermissions),
        ("checks", SharedChecks.Prepare),
        ("sessions", Sessions.Prepare),
        ("sign-ins", SignIns.Prepare),
        ("tokens", TokenChecks.Prepare),
        ("listing", Listing.Prepare),
        ("search", Searches.Prepare),
        ("thumbnails", Thumbnails.Prepare),
        ("pdf", Thumbnails.PreparePdf),
        ("pipeline", Pipelines.Prepare),
        ("visible", Pipelines.PrepareVisible),
    ];

    /// <summary>Measures, prints, and writes the report.</summary>
    /// <param name="only">The name of one; null for all.</param>
    /// <param name="root">Where the report goes, and for the time of the measurement everything else.</param>
    /// <param name="hostDll">The product.</param>
    /// <returns>0 when every goal is met, 1 when not.</returns>
    public static async Task<int> Run(string? only, string root, string hostDll, CancellationToken cancel)
    {
        var chosen = All.Where(one => only is null || one.Name == only).ToList();
        if (chosen.Count == 0)
            throw new BenchException($"There is no benchmark {only}: {string.Join(", ", All.Select(one => one.Name))}.");

        await using var arena = await Arena.Open(root, hostDll);
        var machine = await Machine.Probe(await arena.NewFolder("canaries"), Patience, cancel);
        Report.Print(machine);
        Report.Header();
        var report = new Report(machine);
        foreach (var (name, prepare) in chosen)
        {
            try
            {
                arena.CheckBudget();
                var prepared = await prepare(arena, cancel);
                var (results, turns) = await prepared.Contest.Run(cancel);
                await prepared.Verify(cancel);
                report.Add(name, prepared.Contest, results, turns);
            }
            catch (Exception why) when (!cancel.IsCancellationRequested)
            {
                report.Fail(name, why.Message);
            }
        }

        report.Write(Path.Combine(root, "bench.json"));
        return report.AllMet ? 0 : 1;
    }
}

/// <summary>A contest, and the proof that what was counted was really done.</summary>
internal sealed record Prepared(Contest Contest, Func<CancellationToken, Task> Verify);
