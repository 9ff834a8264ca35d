namespace EventFiles.Features.Zip;

/// <summary>
/// An archive that is made while it is read, from any place on. One file is open at a time; before it is opened, it is
/// asked whether it may be read now. What cannot be had ends the archive with an error and never with fewer bytes.
/// </summary>
/// <param name="open">Opens an entry's version.</param>
internal sealed class ZipStream(
    ZipPlan plan, ZipChecks checks, Func<ZipEntry, CancellationToken, ValueTask<Stream>> open) : Stream
{
    private readonly ZipLayout layout = plan.Layout;
    private long position;
    private (long Start, byte[] Bytes) record = (-1, []);
    private Source? source;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => layout.SizeBytes;

    public override long Position
    {
        get => position;
        set => position = value;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var total = 0;
        // Small files would else make small pieces: one read goes on until the buffer is full.
        while (total < buffer.Length && position < Length)
        {
            var count = await Piece(buffer[total..], cancellationToken);
            position += count;
            total += count;
        }

        return total;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => position + offset,
        _ => Length + offset,
    };

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override async ValueTask DisposeAsync()
    {
        await CloseSource();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source?.Content.Dispose();
        base.Dispose(disposing);
    }

    private ValueTask<int> Piece(Memory<byte> buffer, CancellationToken cancel) =>
        position < layout.DirectoryStart ? OfEntry(layout.EntryAt(position), buffer, cancel)
        : position < layout.EndStart ? OfRow(layout.RowAt(position), buffer, cancel)
        : ValueTask.FromResult(Copy(layout.EndStart, OfEnd, buffer));

    private byte[] OfEnd() =>
        ZipRecords.End(plan.Entries.Count, layout.EndStart - layout.DirectoryStart, layout.DirectoryStart);

    private async ValueTask<int> OfRow(int at, Memory<byte> buffer, CancellationToken cancel)
    {
        var sum = await SumOf(at, cancel);
        return Copy(layout.RowOf(at), () => ZipRecords.Row(plan.Entries[at], sum, layout.StartOf(at)), buffer);
    }

    private async ValueTask<int> OfEntry(int at, Memory<byte> buffer, CancellationToken cancel)
    {
        var entry = plan.Entries[at];
        var data = layout.StartOf(at) + layout.HeaderBytes(at);
        if (position < data)
            return Copy(layout.StartOf(at), () => ZipRecords.Header(entry), buffer);
        var descriptor = data + layout.DataBytes(at);
        if (position < descriptor)
            return await OfData(at, entry, position - data, buffer, cancel);
        var sum = await SumOf(at, cancel);
        return Copy(descriptor, () => ZipRecords.Descriptor(entry, sum), buffer);
    }

    private async ValueTask<int> OfData(int at, ZipEntry entry, long offset, Memory<byte> buffer, CancellationToken cancel)
    {
        var (block, within) = Math.DivRem(offset, ZipBlocks.MaxBytes + ZipBlocks.HeadBytes);
        if (within < ZipBlocks.HeadBytes)
            return Copy(position - within, () => ZipBlocks.Head(entry.SizeBytes, block), buffer);

        var plain = (block * ZipBlocks.MaxBytes) + within - ZipBlocks.HeadBytes;
        var left = Math.Min(ZipBlocks.MaxBytes + ZipBlocks.HeadBytes - within, entry.SizeBytes - plain);
        var from = await At(at, entry, plain, cancel);
        var count = await from.Content.ReadAsync(buffer[..(int)Math.Min(left, buffer.Length)], cancel);
        if (count == 0)
            throw new IOException($"{entry.File} ends after {plain} of {entry.SizeBytes} bytes.");
        from.Took(buffer.Span[..count]);
        if (from is { Offset: var end, Sum: { } sum } && end == entry.SizeBytes)
            checks.Note(entry, sum);
        return count;
    }

    private async ValueTask<Source> At(int at, ZipEntry entry, long plain, CancellationToken cancel)
    {
        if (source is { } current && current.Entry == at && current.Offset == plain)
            return current;
        await CloseSource();
        var content = await open(entry, cancel);
        content.Seek(plain, SeekOrigin.Begin);
        return source = new Source(at, content, plain);
    }

    private async ValueTask<uint> SumOf(int at, CancellationToken cancel)
    {
        if (checks.Find(plan.Entries[at]) is { } sum)
            return sum;
        await using var content = await open(plan.Entries[at], cancel);
        return await checks.Read(plan.Entries[at], content, cancel);
    }

    private async ValueTask CloseSource()
    {
        if (source is { } former)
            await former.Content.DisposeAsync();
        source = null;
    }

    // A record that is read in pieces is made once.
    private int Copy(long start, Func<byte[]> make, Memory<byte> buffer)
    {
        if (record.Start != start)
            record = (start, make());
        var rest = record.Bytes.AsMemory((int)(position - start));
        var count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        return count;
    }

    /// <summary>The file that is open, and how far it was read.</summary>
    private sealed class Source(int entry, Stream content, long offset)
    {
        public int Entry => entry;

        public Stream Content => content;

        public long Offset { get; private set; } = offset;

        /// <summary>Over what was read; null when that was not all from the beginning.</summary>
        public uint? Sum { get; private set; } = offset == 0 ? 0u : null;

        public void Took(ReadOnlySpan<byte> bytes)
        {
            Offset += bytes.Length;
            if (Sum is { } sum)
                Sum = Crc32.Append(sum, bytes);
        }
    }
}
