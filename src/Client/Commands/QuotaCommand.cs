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
            Line("limit", space.LimitBytes, ""), Line("used", space.UsedBytes, "what is stored"),
            Line("reserved", space.ReservedBytes, "for uploads in flight"), Line("current", made.CurrentBytes, "current versions"),
            Line("former", made.FormerBytes, "former versions"), Line("trash", made.TrashBytes, "in the trash"),
            Line("leaving", made.LeavingBytes, "deleted, about to go"), Line("shared", -made.SharedBytes, "the same bytes, stored once"),
            Line("compressed", made.Compressed.PlainBytes, string.Create(CultureInfo.InvariantCulture, $"of what is used, stored in {made.Compressed.StoredBytes} bytes")));
    }

    private static string Line(string name, long bytes, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{name,-11}{bytes,17}  {what}").TrimEnd();

    private sealed record QuotaReply(long LimitBytes, long UsedBytes, long ReservedBytes, int Files);

    private sealed record ExplanationReply(BreakdownReply Breakdown);

    private sealed record BreakdownReply(
        long CurrentBytes, long FormerBytes, long TrashBytes, long LeavingBytes, long SharedBytes, long StoredBytes,
        CompressedReply Compressed);

    private sealed record CompressedReply(long PlainBytes, long StoredBytes, long SavedBytes);
}
