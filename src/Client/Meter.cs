namespace EventFiles.Client;

/// <summary>How far all transfers of a command are together. Any thread may tell it.</summary>
internal sealed class Meter
{
    private long totalBytes;
    private long doneBytes;
    private long movedBytes;
    private int files;
    private int doneFiles;

    public long TotalBytes => Interlocked.Read(ref totalBytes);

    public long DoneBytes => Interlocked.Read(ref doneBytes);

    /// <summary>As many bytes went over the line.</summary>
    public long MovedBytes => Interlocked.Read(ref movedBytes);

    public int Files => Volatile.Read(ref files);

    public int DoneFiles => Volatile.Read(ref doneFiles);

    /// <summary>So much is to be transferred; said before it begins, where it is known.</summary>
    public void Expect(int moreFiles, long moreBytes)
    {
        Interlocked.Add(ref files, moreFiles);
        Interlocked.Add(ref totalBytes, moreBytes);
    }

    /// <summary>A transfer, which is part of what was expected, begins.</summary>
    public MeterShare Begin(long sizeBytes) => new(this, sizeBytes);

    /// <summary>One more of the files is dealt with, however.</summary>
    public void FileIsOver() => Interlocked.Increment(ref doneFiles);

    internal void Shift(long bytes, bool isMoved)
    {
        Interlocked.Add(ref doneBytes, bytes);
        if (isMoved)
            Interlocked.Add(ref movedBytes, bytes);
    }

    internal void ExpectLess(long bytes) => Interlocked.Add(ref totalBytes, -bytes);
}

/// <summary>One transfer's part of a meter. One thread at a time tells it.</summary>
internal sealed class MeterShare(Meter meter, long sizeBytes)
{
    private long at;

    /// <summary>So many bytes are there, whoever sent them.</summary>
    public void At(long bytes)
    {
        meter.Shift(bytes - at, isMoved: false);
        at = bytes;
    }

    /// <summary>So many more bytes went over the line.</summary>
    public void Add(int bytes)
    {
        meter.Shift(bytes, isMoved: true);
        at += bytes;
    }

    /// <summary>Nothing more comes of it.</summary>
    public void GiveUp()
    {
        meter.ExpectLess(sizeBytes - at);
    }
}
