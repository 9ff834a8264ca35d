namespace EventFiles.Client;

/// <summary>The line that shows how far transfers are: a bar, bytes, the rate and the time left.</summary>
internal sealed class ProgressLine(Meter meter)
{
    private const int BarWidth = 20;

    // The rate of the last seconds says more than that of the whole time.
    private const double Smoothing = 0.15;
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];
    private long lastBytes;
    private long lastAt = TimeProvider.System.GetTimestamp();
    private double bytesPerSecond;

    /// <summary>The line as of now; null while there is nothing to show.</summary>
    public string? Next()
    {
        var seconds = TimeProvider.System.GetElapsedTime(lastAt).TotalSeconds;
        var moved = meter.MovedBytes;
        if (seconds > 0.05)
        {
            var now = (moved - lastBytes) / seconds;
            bytesPerSecond = bytesPerSecond <= 0 ? now : bytesPerSecond + Math.Min(1, Smoothing * Math.Max(1, seconds)) * (now - bytesPerSecond);
            (lastBytes, lastAt) = (moved, TimeProvider.System.GetTimestamp());
        }

        return meter.Files == 0 ? null
            : Line(meter.DoneFiles, meter.Files, Math.Max(0, meter.DoneBytes), meter.TotalBytes, bytesPerSecond);
    }

    internal static string Line(int doneFiles, int files, long doneBytes, long totalBytes, double bytesPerSecond)
    {
        var part = totalBytes > 0 ? Math.Clamp((double)doneBytes / totalBytes, 0, 1) : 0;
        var full = (int)(part * BarWidth);
        var left = bytesPerSecond >= 1 && totalBytes > doneBytes
            ? TimeSpan.FromSeconds(Math.Min((totalBytes - doneBytes) / bytesPerSecond, 359_999)) : (TimeSpan?)null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"[{new string('#', full)}{new string('-', BarWidth - full)}] {part * 100,3:0}%  {doneFiles}/{files} files  {Size(doneBytes)} of {Size(totalBytes)}  {Size((long)bytesPerSecond)}/s{(left is { } time ? $"  {(int)time.TotalHours}:{time:mm\\:ss} left" : "")}");
    }

    /// <summary>A number of bytes for people.</summary>
    public static string Size(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        for (; value >= 1024 && unit < Units.Length - 1; unit++)
            value /= 1024;
        return unit == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes} B")
            : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {Units[unit]}");
    }
}
