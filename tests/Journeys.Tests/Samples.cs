using System.Diagnostics;

namespace EventFiles.Journeys.Tests;

/// <summary>The sample files that the project ships.</summary>
internal static class Samples
{
    public static byte[] Picture { get; } = Read("Dusk over the hills.jpg");

    public static byte[] Transparent { get; } = Read("Flower.png");

    public static byte[] Pdf { get; } = Read("What happened to a file.pdf");

    public static byte[] Text { get; } = Read("Notes.txt");

    /// <summary>Two seconds of a picture that moves.</summary>
    public static byte[] Video => Film(".mp4", "testsrc=s=320x240:r=25:d=2", "-pix_fmt", "yuv420p");

    /// <summary>Two seconds of one note.</summary>
    public static byte[] Sound => Film(".flac", "sine=f=440:d=2");

    private static byte[] Film(string suffix, string source, params string[] options)
    {
        var file = Path.Combine(Path.GetTempPath(), $"eventfiles-film-{Guid.NewGuid():n}{suffix}");
        try
        {
            using var tool = Process.Start("ffmpeg", ["-v", "error", "-nostdin", "-f", "lavfi", "-i", source, .. options, file]);
            tool.WaitForExit();
            return File.ReadAllBytes(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Server.Root, "samples", name));
}
