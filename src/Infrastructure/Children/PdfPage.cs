using System.Diagnostics;
using System.Globalization;

namespace EventFiles.Infrastructure.Children;

/// <summary>
/// Runs <c>pdftoppm</c> inside the child's own sandbox: it inherits namespaces, limits and process group, so whatever
/// ends the child ends it too.
/// </summary>
internal static class PdfPage
{
    private const int Crash = 128;
    private const int OutOfCpu = Crash + 24;

    /// <summary>The first page as a JPEG that fits into a square of the larger wanted side; or null and why.</summary>
    public static NativeBytes? Render(NativeBytes original, ChildOrder order, out ChildReply? refusal)
    {
        using var tool = Process.Start(new ProcessStartInfo("pdftoppm")
        {
            ArgumentList =
            {
                "-jpeg", "-jpegopt", "quality=80,optimize=y", "-f", "1", "-l", "1", "-singlefile",
                "-scale-to", Math.Max(order.MaxWidth, order.MaxHeight).ToString(CultureInfo.InvariantCulture), "-",
            },
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var feeding = new Thread(() => Feed(original, tool.StandardInput.BaseStream));
        var isEncrypted = false;
        var complaints = new Thread(() => isEncrypted = SpeaksOfPassword(tool.StandardError));
        feeding.Start();
        complaints.Start();
        var page = NativeBytes.ReadToEnd(tool.StandardOutput.BaseStream, order.MaxOutputBytes);
        if (page is null)
            tool.Kill();
        tool.WaitForExit();
        feeding.Join();
        complaints.Join();

        refusal = tool.ExitCode switch
        {
            _ when page is null => ChildReply.Failed("too-large", "The picture made of it would be too large."),
            0 when page.Content.Length > 0 => null,
            OutOfCpu => ChildReply.Failed("too-slow", "Rendering it takes longer than is allowed."),
            > Crash => ChildReply.Failed("crashed", "The document breaks the program that reads it."),
            _ when isEncrypted => ChildReply.Failed("encrypted", "The document opens only with a password."),
            _ => ChildReply.Failed("corrupt", "The document is damaged or has no page."),
        };
        if (refusal is null)
            return page;
        page?.Dispose();
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

    private static bool SpeaksOfPassword(StreamReader errors)
    {
        var found = false;
        while (errors.ReadLine() is { } line)
            found |= line.Contains("password", StringComparison.OrdinalIgnoreCase);
        return found;
    }
}
