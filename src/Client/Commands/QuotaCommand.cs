using System.CommandLine;

namespace EventFiles.Client.Commands;

/// <summary><c>files quota</c>: how much space there is, and what the used space is made of.</summary>
internal static class QuotaCommand
{
    public static Command Define()
    {
        var switches = new Switches();
        var command = switches.On(
            new Command("quota", "Show how much space you have and what it is used for"),
            """
              eventfiles files quota
              eventfiles files quota --json | jq .sharedBytes
            """);
        command.SetAction((asked, cancel) => Errand.Run(asked, switches, errand => Show(errand, cancel), cancel));
        return command;
    }

    private static async Task Show(Errand errand, CancellationToken cancel)
    {
        var space = await errand.Server.Get<QuotaReply>("api/quota", cancel);
        var made = (await errand.Server.Get<ExplanationReply>("api/quota/explain?limit=1", cancel)).Breakdown;
        var told = new
        {
            limitBytes = space.LimitBytes,
            usedBytes = space.UsedBytes,
            reservedBytes = space.ReservedBytes,
            files = space.Files,
            warnedPercent = space.WarnedPercent,
            softLimitBytes = space.SoftLimitBytes,
            graceUntil = space.GraceUntil,
            maxFiles = space.MaxFiles,
            maxFileBytes = space.MaxFileBytes,
            currentBytes = made.CurrentBytes,
            formerBytes = made.FormerBytes,
            trashBytes = made.TrashBytes,
            leavingBytes = made.LeavingBytes,
            sharedBytes = made.SharedBytes,
            storedBytes = made.StoredBytes,
            compressedBytes = made.Compressed.PlainBytes,
            savedBytes = made.Compressed.SavedBytes,
        };
        errand.Display.Answer(
            told,
            [.. Warnings(space), Line("limit", space.LimitBytes, ""), Line("used", space.UsedBytes, "what is stored"),
            Line("reserved", space.ReservedBytes, "for uploads in flight"), Line("current", made.CurrentBytes, "current versions"),
            Line("former", made.FormerBytes, "former versions"), Line("trash", made.TrashBytes, "in the trash"),
            Line("leaving", made.LeavingBytes, "deleted, about to go"), Line("shared", -made.SharedBytes, "the same bytes, stored once"),
            Line("compressed", made.Compressed.PlainBytes, string.Create(CultureInfo.InvariantCulture, $"of what is used, stored in {made.Compressed.StoredBytes} bytes"))]);
    }

    private static IEnumerable<string> Warnings(QuotaReply space)
    {
        if (space.WarnedPercent > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{space.WarnedPercent} % of the limit is used, or more");
        if (space.GraceUntil is { } until)
            yield return string.Create(CultureInfo.InvariantCulture, $"above the soft limit of {space.SoftLimitBytes} bytes: from {until:u} on nothing is added");
        if (space.MaxFiles is { } files)
            yield return string.Create(CultureInfo.InvariantCulture, $"{space.Files} of {files} files");
        if (space.MaxFileBytes is { } bytes)
            yield return string.Create(CultureInfo.InvariantCulture, $"no file of more than {bytes} bytes");
    }

    private static string Line(string name, long bytes, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{name,-11}{bytes,17}  {what}").TrimEnd();

    private sealed record QuotaReply(
        long LimitBytes, long UsedBytes, long ReservedBytes, int Files, int WarnedPercent, long? SoftLimitBytes, DateTimeOffset? GraceUntil,
        int? MaxFiles, long? MaxFileBytes);

    private sealed record ExplanationReply(BreakdownReply Breakdown);

    private sealed record BreakdownReply(
        long CurrentBytes, long FormerBytes, long TrashBytes, long LeavingBytes, long SharedBytes, long StoredBytes,
        CompressedReply Compressed);

    private sealed record CompressedReply(long PlainBytes, long StoredBytes, long SavedBytes);
}
