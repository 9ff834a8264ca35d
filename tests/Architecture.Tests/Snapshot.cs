using System.Runtime.CompilerServices;

namespace EventFiles.Architecture.Tests;

/// <summary>
/// Compares a text with the accepted one beside the test. On a difference the new text is left as <c>*.received.*</c>:
/// accepting it means renaming the file, and for what clients and the log rely on, an ADR.
/// </summary>
internal static class Snapshot
{
    /// <summary>The accepted text; empty when nothing was accepted yet.</summary>
    public static string Accepted(string name, [CallerFilePath] string here = "")
    {
        var verified = Path.Combine(Path.GetDirectoryName(here)!, "Snapshots", name);
        return File.Exists(verified) ? File.ReadAllText(verified).ReplaceLineEndings("\n") : "";
    }

    public static void Matches(string text, string name, [CallerFilePath] string here = "")
    {
        var received = Path.Combine(Path.GetDirectoryName(here)!, "Snapshots", name.Replace(".verified", ".received", StringComparison.Ordinal));
        var accepted = Accepted(name, here);
        text = text.ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (text == accepted)
        {
            File.Delete(received);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(received)!);
        File.WriteAllText(received, text);
        Assert.Fail($"{name} differs from what was accepted; see {received}");
    }
}
