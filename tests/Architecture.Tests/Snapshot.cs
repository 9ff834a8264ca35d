using System.Runtime.CompilerServices;

namespace EventFiles.Architecture.Tests;

/// <summary>
/// Compares a text with the accepted one beside the test. On a difference the new text is left as <c>*.received.*</c>:
/// accepting it means renaming the file, and for what clients and the log rely on, an ADR.
/// </summary>
internal static class Snapshot
{
    public static void Matches(string text, string name, [CallerFilePath] string here = "")
    {
        var verified = Path.Combine(Path.GetDirectoryName(here)!, "Snapshots", name);
        var received = Path.ChangeExtension(verified, null).Replace(".verified", ".received", StringComparison.Ordinal) + Path.GetExtension(name);
        var accepted = File.Exists(verified) ? File.ReadAllText(verified).ReplaceLineEndings("\n") : "";
        text = text.ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (text == accepted)
        {
            File.Delete(received);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(verified)!);
        File.WriteAllText(received, text);
        Assert.Fail($"{name} differs from what was accepted; see {received}");
    }
}
