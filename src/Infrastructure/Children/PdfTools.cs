using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EventFiles.Infrastructure.Children;

/// <summary>
/// Runs the programs of poppler inside the child's own sandbox: they inherit namespaces, limits and process group, so
/// whatever ends the child ends them too. They read the document from a pipe, and no shell reads anything.
/// </summary>
internal static class PdfTools
{
    private const int Crash = 128;
    private const int OutOfCpu = Crash + 24;
    private const int MaxFactsBytes = 64 * 1024;

    /// <summary>A page as a JPEG that fits into a square of the larger wanted side; or null and why.</summary>
    public static NativeBytes? Page(NativeBytes original, ChildOrder order, out ChildReply? refusal)
    {
        // A page that is to fill a box is drawn so large that its shorter side does, for pages up to twice as long as wide.
        var side = Math.Max(order.Wanted.MaxWidth, order.Wanted.MaxHeight) * (order.Wanted.Covers ? 2 : 1);
        var page = order.Wanted.Page.ToString(CultureInfo.InvariantCulture);
        return Run(
            original, order.MaxOutputBytes, isLater: order.Wanted.Page > 1, out refusal, "pdftoppm",
            "-jpeg", "-jpegopt", "quality=80,optimize=y", "-f", page, "-l", page, "-singlefile",
            "-scale-to", side.ToString(CultureInfo.InvariantCulture), "-");
    }

    /// <summary>The words, as many as there is room for.</summary>
    public static byte[] Text(NativeBytes original, out ChildReply? refusal)
    {
        using var text = Run(
            original, TextSink.MaxBytes, isLater: false, out refusal, "pdftotext", "-q", "-enc", "UTF-8", "-nopgbrk", "-", "-");
        var sink = new TextSink();
        if (text is not null)
            sink.Add(Encoding.UTF8.GetString(text.Content));
        return sink.ToUtf8();
    }

    /// <summary>How many pages, of which size.</summary>
    public static byte[] Facts(NativeBytes original, out ChildReply? refusal)
    {
        using var said = Run(original, MaxFactsBytes, isLater: false, out refusal, "pdfinfo", "-");
        using var facts = new MemoryStream();
        using (var json = new Utf8JsonWriter(facts))
        {
            json.WriteStartObject();
            json.WriteString("format", "pdf");
            foreach (var line in said is null ? [] : Encoding.UTF8.GetString(said.Content).Split('\n'))
            {
                // Title, author and producing program are persons' affair: they are not among these.
                switch (line.Split(':', 2, StringSplitOptions.TrimEntries))
                {
                    case ["Pages", var count] when int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var pages):
                        json.WriteNumber("pages", pages);
                        break;
                    case ["Page size", var size]:
                        json.WriteString("pageSize", size);
                        break;
                    case ["Page rot", var turn] when int.TryParse(turn, NumberStyles.None, CultureInfo.InvariantCulture, out var degrees):
                        json.WriteNumber("pageRotationDegrees", degrees);
                        break;
                    case ["PDF version", var version]:
                        json.WriteString("pdfVersion", version);
                        break;
                    case ["Encrypted", var encrypted]:
                        json.WriteBoolean("isEncrypted", encrypted.StartsWith("yes", StringComparison.Ordinal));
                        break;
                    case ["Tagged", var tagged]:
                        json.WriteBoolean("isTagged", tagged is "yes");
                        break;
                }
            }

            json.WriteEndObject();
        }

        return facts.ToArray();
    }

    // Without its first page a document is damaged; a later one may be asked for in vain.
    // All that the program says, at most so much: of words more are cut off, of a picture more are refused.
    private static NativeBytes? Run(
        NativeBytes original, int maxBytes, bool isLater, out ChildReply? refusal, string program, params string[] arguments)
    {
        using var tool = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var feeding = new Thread(() => Feed(original, tool.StandardInput.BaseStream));
        var complaint = Complaint.None;
        var complaints = new Thread(() => complaint = Listen(tool.StandardError));
        feeding.Start();
        complaints.Start();
        var cuts = program is not "pdftoppm";
        var said = NativeBytes.ReadToEnd(tool.StandardOutput.BaseStream, maxBytes, cuts, out var isCut);
        if (isCut)
            tool.Kill();
        tool.WaitForExit();
        feeding.Join();
        complaints.Join();

        refusal = tool.ExitCode switch
        {
            _ when said is null => ChildReply.Failed("too-large", "The picture made of it would be too large."),
            _ when isCut => null,
            0 when program is "pdftotext" || said.Content.Length > 0 => null,
            OutOfCpu => ChildReply.Failed("too-slow", "Rendering it takes longer than is allowed."),
            > Crash => ChildReply.Failed("crashed", "The document breaks the program that reads it."),
            _ when complaint is Complaint.Password => ChildReply.Failed("encrypted", "The document opens only with a password."),
            _ when complaint is Complaint.Page && isLater => ChildReply.Failed("no-such-page", "The document has no such page."),
            _ => ChildReply.Failed("corrupt", "The document is damaged or has no page."),
        };
        if (refusal is null)
            return said;
        said?.Dispose();
        return null;
    }

    private static void Feed(NativeBytes original, Stream input)
    {
        try
        {
            using var content = original.AsStream();
            content.CopyTo(input);
            input.Close();
        }
        catch (IOException)
        {
            // It had seen enough, or died: its exit code tells.
        }
    }

    private static Complaint Listen(StreamReader errors)
    {
        var found = Complaint.None;
        while (errors.ReadLine() is { } line)
        {
            if (line.Contains("password", StringComparison.OrdinalIgnoreCase))
                found = Complaint.Password;
            else if (found is Complaint.None && line.Contains("page range", StringComparison.OrdinalIgnoreCase))
                found = Complaint.Page;
        }

        return found;
    }

    private enum Complaint { None, Password, Page }
}
