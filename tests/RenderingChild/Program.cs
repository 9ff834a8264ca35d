using EventFiles.Infrastructure.Children;

return PictureChild.Run(Console.OpenStandardInput(), Console.OpenStandardOutput());
