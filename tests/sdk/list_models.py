import getimg

for model in getimg.GetimgAI().models.list():
    print(model.id)
